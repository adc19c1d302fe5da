/** Puts a text on the clipboard. */

/** False when the browser did not let the page do it. */
export async function copyText(text: string): Promise<boolean> {
  // Browsers have no clipboard for pages that came over a plain network.
  if (navigator.clipboard === undefined) return copiedBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const { activeElement } = document;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return isCopied;
}
