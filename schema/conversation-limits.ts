/** Bounds on what sessions are called, on messages, on what waits, and on titles made by a model. They are part of `limits` (`limits.ts`). */

export const conversationLimits = {
  /** Title of a session, characters. More: 400. */
  titleCharactersMax: 120,
  /** Description of a session, characters. More: 400. */
  descriptionCharactersMax: 280,
  /** How long a model may take to name a session, ms. Longer: the session keeps its title until after the next answer. */
  titleMsMax: 60_000,
  /** How much of what a model says is searched for a title, UTF-16 units. */
  titleAnswerUnitsMax: 2000,
  /** How much of a question, and of its answer, a model is given to name them, UTF-16 units. */
  titleSourceUnitsMax: 2000,
  /** All that the `parts` of a message sent by a client say, characters. More: 400. Default of a setting. */
  messageCharactersMax: 200_000,
  /** Greatest legal value of both settings. */
  messageCharactersLegalMax: 500_000,
  /** Nesting of a data part. Deeper: 400. */
  partDataDepthMax: 64,
  /** Parts of a message sent by a client. More: 400. */
  messagePartsMax: 64,
  /** What stands beside the text in a request or frame with a message, bytes, such as its options and braces. */
  messageExtraBytesMax: 256 * 1024,
  /** How often a message is looked up again because its session changes. More: the command is refused, retryable. */
  lookupAttemptsMax: 10,
  /** Reasoning of an answer that is kept as its part, UTF-16 units. More: its end is left out, and the part says so. */
  reasoningUnitsMax: 200_000,
  /** Text of all messages of a session that wait, UTF-16 units. More: refused `queue_full`. */
  waitingUnitsMax: 1_000_000,
  /** Plain `content` of a message sent by a client, characters. More: 400. Default of a setting. */
  contentCharactersMax: 4000,
  /** `name` and `toolCallId` of a message, characters. More: 400. */
  labelCharactersMax: 256,
  /** A person's reason for denying a tool call, characters. More: 400. */
  decisionReasonCharactersMax: 1000,
  /** A system prompt, characters. More: 400. */
  systemPromptCharactersMax: 8000,
  /** Participants of one session. More: 409. */
  participantsMax: 100,
  /** Id and name of a participant, characters. More: 400. */
  participantCharactersMax: 120,
  /** Turns of one session that wait behind the running one. More: refused `queue_full`, retryable. */
  turnsWaitingMax: 32,
  /** Files that one model call is given, bytes. More: the model is told of the oldest in words. */
  attachmentBytesMax: 16 * 1024 * 1024,
  /** A text file that a model is given as text, bytes. Longer: the model is told of it in words. */
  attachedTextBytesMax: 256 * 1024,
  /** Bytes of files that all model calls together hold in memory. More: later calls wait for their files. */
  attachmentsHeldBytesMax: 128 * 1024 * 1024,
  /** Files of one tool call that are kept. More: the rest of them is told in words only. */
  toolCallFilesMax: 16,
  /** A list of messages that is read and answered in one piece, bytes. More: it is read and sent page by page. */
  listWholeBytesMax: 256 * 1024,
  /** A conversation that is kept in memory, UTF-16 units. More: each of its turns reads it from the store. */
  keptConversationUnitsMax: 500_000,
  /** All of them together. More: the one used longest ago is forgotten. */
  keptConversationsUnitsMax: 20_000_000,
} as const;
