/** Saves bytes as a file on the user's device. */

export function saveFile(name: string, bytes: Blob): void {
  const address = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // By then the browser has begun to read the bytes, or never will.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
