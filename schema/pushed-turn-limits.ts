/** Bounds of turns that agents push from outside. */
export const pushedTurnLimits = {
  /** How long an agent may be silent before its turn ends as interrupted, ms: the least … */
  leaseMsMin: 1000,
  /** … the greatest … */
  leaseMsMax: 24 * 60 * 60_000,
  /** … and the time unless an agent or a setting says otherwise. */
  leaseMsDefault: 60_000,
  /** Parts in one push. More: 400. */
  pushPartsMax: 1000,
  /** One push, or one line of a stream of parts, bytes. More: 413. */
  pushBytesMax: 2 * 1024 * 1024,
  /** A whole stream of parts, bytes. More: 413; the agent opens another. */
  pushStreamBytesMax: 1024 * 1024 * 1024,
  /** Tool calls that an agent makes in one turn. More: 409. */
  pushedCallsMax: 500,
  /** Pushes of one turn that wait because the journal or the readers are slow. More: refused `turn_busy`, retryable. */
  pushesWaitingMax: 16,
  /** How long a push waits for them, ms. Longer: refused `turn_busy`, retryable. */
  pushWaitMsMax: 5000,
  /** How long a read of a turn may wait for something to happen, ms. More: 400. */
  turnWaitMsMax: 30_000,
  /** Turns that agents push over one socket at a time. More: refused `socket_busy`, retryable. */
  socketPushedTurnsMax: 16,
  /** How often a connection that streams parts in slowly is kept from being closed for it, ms. */
  pushStreamAliveMs: 4000,
} as const;
