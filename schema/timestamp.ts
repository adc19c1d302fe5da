/** Milliseconds since the Unix epoch, whole. Machines and storage calculate with these. */
export type Milliseconds = number;

/** `2026-11-23T04:40:00.000Z`: ISO 8601 with milliseconds and `Z`, the only form on the wire (docs/protocol.md A2). */
export type IsoTimestamp = string;

let cachedAt: Milliseconds = Number.NaN;
let cachedText: IsoTimestamp = '';

/** Formats `at`. Remembers the last result: a burst of events carries one timestamp. */
export function isoTimestamp(at: Milliseconds): IsoTimestamp {
  if (at !== cachedAt) {
    cachedText = new Date(at).toISOString();
    cachedAt = at;
  }
  return cachedText;
}

/** The milliseconds of a timestamp that {@link isoTimestamp} wrote; `NaN` for other text. */
export function millisecondsOf(timestamp: IsoTimestamp): Milliseconds {
  return Date.parse(timestamp);
}
