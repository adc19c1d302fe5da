/** The rules of the page that style charts. */
export function chartRules(sheets: Iterable<CSSStyleSheet>): readonly string[] {
  return [...sheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) =>
      rule instanceof CSSStyleRule && rule.selectorText.startsWith('.chart') ? [rule.cssText] : [],
    ),
  );
}
