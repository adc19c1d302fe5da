/**
 * Fixed reasons why a turn ended otherwise than it should. Its trace says them as `metadata.error`, and pages say each in
 * words of their own.
 */
export const runEndReasons = {
  cancelled: 'Cancelled',
  /** The agent that pushed the turn was silent for longer than its lease. */
  agentSilent: 'Interrupted: the agent was silent for too long',
  /** The agent that pushed the turn said nothing. */
  agentEmpty: 'The agent finished without an answer',
  /** The process died. */
  serverStopped: 'Interrupted: the server stopped before the answer was complete',
  /** Somebody who had no session in memory needed the room of whoever had most ([LIM25]). */
  madeRoom: 'Interrupted: the server needed the room for somebody else',
  serverStopping: 'Interrupted: the server is shutting down',
} as const;
