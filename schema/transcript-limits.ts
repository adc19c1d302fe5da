/** Bounds on transcripts: what is told of a conversation, and what an import may hold. Units are the last word of each name. */
export const transcriptLimits = {
  /** Body of an import, bytes. More: 413 and the connection is closed. Default of a setting … */
  importBytesMax: 8 * 1024 * 1024,
  /** … and its greatest legal value: an import is one event of the journal, and is written in one piece. */
  importBytesLegalMax: 48 * 1024 * 1024,
  /** Imports that are being received at the same time. More: refused `overloaded`, retryable. */
  importsReceivedMax: 4,
  /** Transcripts that are being sent at the same time. More: refused `overloaded`, retryable. */
  transcriptsSentMax: 64,
  /** Messages of an import; also its turns. More: 413. */
  importMessagesMax: 20_000,
  /** Tool calls of an import. More: 413. */
  importCallsMax: 50_000,
  /** Messages, turns and calls of an import together, and whatever else it lists. More: 413. */
  importItemsMax: 90_000,
  /** JSON of one message, turn or call of an import, UTF-16 units. More: 413. */
  importItemUnitsMax: 12 * 1024 * 1024,
  /** JSON of an import beside its messages, turns and calls, UTF-16 units. More: 413. */
  importFrameUnitsMax: 1024 * 1024,
  /** Mistakes that the refusal of an import names. More: left out. */
  importErrorsMax: 20,
  /** Parts of one message, and steps of one turn, in an import. More: 400. */
  importPartsMax: 20_000,
  /** Nesting of JSON values in an import, such as what a model's provider wants back. Deeper: 400. */
  importDepthMax: 200,
  /** Who gave what a provider wants back, UTF-16 units. More: 400. */
  importOriginUnitsMax: 1024,
  /** Reading or checking a transcript lets other work run after this, ms. */
  transcriptSliceMs: 5,

  /** Messages, or turns, of a session that a transcript can tell. More: 409. */
  transcriptMessagesMax: 200_000,
  /** Content of messages, or of calls, that is read at a time, bytes; one message or call may be longer. */
  transcriptPageBytes: 256 * 1024,
  /** Messages, turns or calls that are read at a time. */
  transcriptPageRows: 200,
  /** A reader of a transcript that takes nothing for this time is cut off, ms … */
  transcriptStallMsMax: 30_000,
  /** … and how often a slow one is offered more, ms: the transport cuts off whoever is offered nothing for 10 s. */
  transcriptRetryMs: 4000,
  /** What is held back of each chunk, to be offered to slow readers byte by byte. */
  transcriptProbeBytes: 64,
  /** Text that is given to the transport at a time, UTF-16 units. */
  transcriptChunkUnits: 64 * 1024,
} as const;
