/** Ways in which a server can break the protocol. Each is reported, and the affected state is read again. */

export type ViolationKind =
  /** A frame that is not a JSON object with an `event`, or that lacks a required member. */
  | 'malformed-frame'
  /** A durable event whose `seq` is not greater than the one before it ([V1A2]). */
  | 'order'
  /** A durable event that a heartbeat said had been sent before ([V1A7]). */
  | 'late-event'
  /** A delta that begins behind the end of the text so far ([V1A3]). */
  | 'gap'
  /** A delta or snapshot whose text differs from the text so far. */
  | 'contradiction'
  /** A delta for a message that was not announced, or that has ended. */
  | 'stray-delta';

export type ProtocolViolation = { readonly kind: ViolationKind; readonly message: string };

export type ReportViolation = (violation: ProtocolViolation) => void;

/** The default report, so that a violation is noticed even when the application does not listen for it. */
export const shout: ReportViolation = ({ kind, message }) => {
  // biome-ignore lint/suspicious/noConsole: a library has nowhere else to say that its server is wrong.
  console.error(`callboard: protocol violation (${kind}): ${message}`);
};
