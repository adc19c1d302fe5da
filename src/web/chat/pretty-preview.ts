/** A preview of a value, indented if it is JSON; a text that was cut, or is none, stays as it is. */
export function prettyPreview(preview: string | null): string | undefined {
  if (preview === null) return undefined;
  try {
    return JSON.stringify(JSON.parse(preview), null, 2);
  } catch {
    return preview;
  }
}
