/** How much memory values take, well enough for bounds and without encoding them. */

/** About how many bytes JSON takes for it, without making that JSON. */
export function approximateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 2;
  for (const [key, inner] of Object.entries(value)) bytes += key.length + 4 + approximateBytes(inner);
  return bytes;
}
