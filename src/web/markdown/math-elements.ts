/** Reads formulas with Temml, which makes elements of MathML. It is loaded with the first formula. */
import temml from 'temml';

const mathNamespace = 'http://www.w3.org/1998/Math/MathML';

/** `undefined`: it cannot be read. */
export function mathElement(tex: string, isDisplay: boolean): Element | undefined {
  const place = document.createElement('span');
  try {
    // Without `trust`, a formula can neither link nor load anything.
    temml.render(tex, place, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      maxExpand: 500,
      maxSize: [20, 20],
    });
  } catch {
    return undefined;
  }
  const [made] = place.children;
  const isMath = [...place.querySelectorAll('*')].every(({ namespaceURI }) => namespaceURI === mathNamespace);
  return isMath ? made : undefined;
}
