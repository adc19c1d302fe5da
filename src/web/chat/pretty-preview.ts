/** A preview of a value, indented if it is JSON. A text that was cut or is not JSON stays unchanged. */
export function prettyPreview(preview: string | null): string | undefined {
  if (preview === null) return undefined;
  try {
    return JSON.stringify(JSON.parse(preview), null, 2);
  } catch {
    return preview;
  }
}
