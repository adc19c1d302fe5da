/** Makes UUIDs where `crypto.randomUUID` does not exist: browsers offer it only on pages served over TLS. */

/** A random UUID of version 4. */
export function newUuid(): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & 15;
    // The first digit of the fourth group says which variant of UUIDs it is.
    return (place === 'y' ? (digit & 3) | 8 : digit).toString(16);
  });
}
