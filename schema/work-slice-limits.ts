/** The bounds of slices of work (SPEC [LIM32]), part of `limits`. */

export const workSliceLimits = {
  /** How long beginnings and ends of turns may take in one turn of the event loop, ms. More: the rest waits … */
  workSliceMs: 5,
  /** … and of those that waited, so many are let in with one turn of the loop, at the most. */
  workSliceEntriesMax: 64,
  /** A turn of the loop that took longer than this while some waited, ms, lets half as many into the next. */
  workSliceTurnMs: 16,
  /** Commands of all sessions that wait for their slice. More: refused `overloaded`, retryable. */
  waitingCommandsMax: 10_000,
} as const;
