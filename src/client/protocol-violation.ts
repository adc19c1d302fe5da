/** What a server must not do. It is reported loudly, and the state concerned is read anew. */

export type ViolationKind =
  /** A frame that is no JSON object with an `event`, or lacks what it must have. */
  | 'malformed-frame'
  /** A durable event whose `seq` is not greater than the one before it ([V1A2]). */
  | 'order'
  /** A durable event that a heartbeat said had been sent before ([V1A7]). */
  | 'late-event'
  /** A delta that begins behind the end of the text so far ([V1A3]). */
  | 'gap'
  /** A delta or snapshot that says something else than what was there. */
  | 'contradiction'
  /** A delta of a message that was not announced, or that has ended. */
  | 'stray-delta';

export type ProtocolViolation = { readonly kind: ViolationKind; readonly message: string };

export type ReportViolation = (violation: ProtocolViolation) => void;

/** The default report: nobody asked to hear of it, and nobody should miss it. */
export const shout: ReportViolation = ({ kind, message }) => {
  // biome-ignore lint/suspicious/noConsole: a library has nowhere else to say that its server is wrong.
  console.error(`callboard: protocol violation (${kind}): ${message}`);
};
