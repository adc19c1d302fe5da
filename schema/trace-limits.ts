/** Bounds on traces, their spans, and the history of the runtime config. They are part of `limits` (`limits.ts`). */

export const traceLimits = {
  /** Changes of the runtime config in its history. More: the oldest are forgotten. */
  configHistoryMax: 10_000,
  /** The name of the owner of an API key, as it is kept, UTF-16 units: derived from the key, never the key. */
  ownerUnitsMax: 64,
} as const;
