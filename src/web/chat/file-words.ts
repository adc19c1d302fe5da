/** What is told of a file. */

/** Whether browsers show it as a picture. */
export function isPicture(mediaType: string): boolean {
  return /^image\/(?:png|jpeg|gif|webp|avif)$/.test(mediaType);
}

export function byteWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
