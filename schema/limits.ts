/**
 * Every bound of the system, with what happens at it (I12). Units are the last word of each name.
 * Relations between bounds are asserted below, at import.
 */
import { clientLimits } from './client-limits.ts';
import { configLimits } from './config-limits.ts';
import { connectionLimits } from './connection-limits.ts';
import { conversationLimits } from './conversation-limits.ts';
import { inspectLimits } from './inspect-limits.ts';
import { keyLimits } from './key-limits.ts';
import { pushedTurnLimits } from './pushed-turn-limits.ts';
import { storageLimits } from './storage-limits.ts';
import { toolLimits } from './tool-limits.ts';
import { traceLimits } from './trace-limits.ts';
import { transcriptLimits } from './transcript-limits.ts';
import { turnOfferLimits } from './turn-offer-limits.ts';
import { assert } from './unreachable.ts';
import { workSliceLimits } from './work-slice-limits.ts';

export const limits = {
  ...configLimits,
  ...clientLimits,
  ...connectionLimits,
  ...conversationLimits,
  ...keyLimits,
  ...pushedTurnLimits,
  ...storageLimits,
  ...toolLimits,
  ...traceLimits,
  ...inspectLimits,
  ...turnOfferLimits,
  ...transcriptLimits,
  ...workSliceLimits,

  /** A tool event's `arguments` and `result` in frames, UTF-16 units before the `…` (I9). More: cut. Default of a setting. */
  previewUnitsMax: 2000,
  /** Legal values of the setting. */
  previewUnitsLeast: 100,
  previewUnitsLegalMax: 20_000,

  /** Body of a REST request, bytes, unless its route takes others. More: 413 and the connection is closed. */
  bodyBytesMax: 64 * 1024,
  /** Bytes of larger bodies, where a route allows them, that wait in memory for all clients. More: 503, retryable. */
  largeBodiesBytesMax: 256 * 1024 * 1024,
  /** Bytes of a body that a route reads while it arrives, waiting to be read. More: the client has to wait. */
  arrivingBytesMax: 256 * 1024,
  /**
   * A client's WebSocket frame, bytes, where settings allow only short messages; else it is as long as the longest
   * message needs (message-bounds.ts). More: the socket is closed with 1006 by the transport.
   */
  clientFrameBytesLeast: 64 * 1024,
  /** Path with query string of a request, UTF-16 units. More: 414. */
  pathUnitsMax: 4096,
  /** Request line and headers together, bytes. More: 431 by the transport, and the connection is closed. */
  requestHeadBytesMax: 16 * 1024,
  /** Unsent bytes of one socket, a last resort. More: the transport closes it (1006); never a silent gap. */
  socketBufferBytesMax: 16 * 1024 * 1024,
  /** Unsent bytes of one socket. More: the socket is taken off its topics, and catches up when it has drained. */
  socketBudgetBytes: 1024 * 1024,
  /** How long a socket may stay behind without draining, ms. Longer: closed with 4001. */
  stallMsMax: 30_000,
  /** The longest time between two frames or heartbeats to a `callboard.v1` socket, ms. */
  heartbeatMs: 15_000,
  /** Subscriptions of one connection. More: refused `too_many_subscriptions`. */
  subscriptionsMax: 64,
  /** Durable events kept in memory for resuming. More: the oldest is forgotten; the journal still has it. */
  hotWindowEventsMax: 10_000,
  /** The same bound in bytes of their frames. */
  hotWindowBytesMax: 16 * 1024 * 1024,
  /**
   * Bytes that a topic takes before its members' buffers are checked, so members may exceed their budget by this
   * much.
   */
  topicSlackBytes: 64 * 1024,
  /** Unsent answers to a client's own frames on one socket. More: closed with 4001. */
  socketAnswersOwedMax: 256,
  /** Events that a connection catches up on in one turn, before other connections have theirs. */
  catchUpChunkEvents: 200,
  /** Events of the hot window that a connection examines in one turn; it may need few of them. */
  catchUpScanEvents: 2000,
  /** Events that all connections together catch up on in one tick, about. More: connections wait for the next tick. */
  catchUpTickEvents: 1000,
  /** Reads of the journal for catching up at the same time. More connections wait their turn. */
  catchUpReadsMax: 4,
  /**
   * Text of an SSE stream that is given to the transport at a time, UTF-16 units. More waits until it has been sent.
   */
  sseStreamChunkUnits: 64 * 1024,
  /** The least time that an SSE stream tells its client to wait before it reconnects, ms … */
  sseStreamRetryMsMin: 1000,
  /** … and the greatest: spread, so that not all clients reconnect at once. */
  sseStreamRetryMsMax: 3000,
  /** Frames of one socket that wait for their answer. More: refused `socket_busy`, retryable. */
  socketCommandsMax: 64,
  /**
   * Least time of silence after which a socket can count as dead, seconds (0 turns the check off). Less: refused at
   * start.
   */
  idleTimeoutSecondsMin: 8,
  /** Greatest such time, seconds: for more, the transport aborts the process. More: refused at start. */
  idleTimeoutSecondsMax: 960,
  /** Growing texts whose frame so far is kept. More: the oldest is dropped, and encoded anew when its text grows. */
  partialFramesMax: 10_000,
  /** Bytes of all kept frames. More: as above. */
  partialFrameBytesMax: 64 * 1024 * 1024,
  /** How long requests under way may delay the end of the gateway, ms. More: they are cut off. */
  shutdownGraceMs: 2000,
  /** How long close frames may take to be sent, ms. More: the client sees 1006 and reconnects all the same. */
  shutdownDrainMs: 100,
  /** Greatest legal `shutdownGraceMs`, the time that a stopping server gives running answers, ms. */
  shutdownGraceMsMax: 600_000,

  /** Rows of any list without `limit`, and the greatest `limit`. More: 400 for `limit`, else the newest rows. */
  listRowsMax: 5000,
  /** Log entries kept in memory. More: the oldest of the most frequent message is forgotten. */
  logRingEntriesMax: 200,
  /**
   * Log entries that wait for the next `logs.created`. More: the oldest is left out of the frame, but stays in the
   * ring.
   */
  logBurstEntriesMax: 200,
  /** Message of a log entry, UTF-16 units. More: cut, ending in `…`. */
  logMessageUnitsMax: 2000,
  /** Context of a log entry, about this many UTF-16 units of JSON. More: the rest is left out with a note. */
  logContextUnitsMax: 6000,
  /** Nesting of a log entry's context. Deeper: left out with a note. */
  logContextDepthMax: 6,
  /** Elements or keys of one value in a log entry's context. More: left out with a note. */
  logContextItemsMax: 50,

  /** Commands of one session that wait for their answer. More: refused `session_busy`, retryable. */
  sessionCommandsMax: 64,
  /** `Idempotency-Key`, characters. More: 400. */
  idempotencyKeyCharactersMax: 255,
  /** How long the answer of a named command can be replayed, ms. Later the key counts as new. */
  commandRetentionMs: 24 * 60 * 60 * 1000,
  /** How long a command waits for the journal before it is refused `unavailable`, ms; it may still take effect. */
  commandWaitMsMax: 10_000,
  /** Session actors in memory. More: the least recently used idle one is passivated; all busy: refused, retryable. */
  sessionsLiveMax: 10_000,
  /** Crashes of one session's actor within `restartWindowMs` after which it stays asleep until its next command. */
  restartsMax: 3,
  restartWindowMs: 60_000,
  /** An idle session is passivated after this, ms; it wakes from its rows at its next command. */
  sessionIdleMs: 5 * 60_000,
  /** How often the registry looks for idle sessions, ms. */
  sessionSweepMs: 10_000,
  /** Sockets that a stopping server closes in one tick. */
  closeBatchSockets: 200,
  /** How long a stopping server waits for the journal, ms; after that it exits and reports it. */
  shutdownFlushMsMax: 10_000,
  /** How often a stopping server checks whether its turns have ended, ms. */
  drainPollMs: 20,
  /** Messages of history that a turn may tell its model. More: the oldest are left out, and the model is told so. */
  historyMessagesMax: 200,
  /** Model calls in one turn unless configured. More: the turn fails. */
  turnStepsMax: 8,
  /** Greatest legal `turnStepsMax`. */
  turnStepsLegalMax: 100,
  /** Tokens of all model calls of one turn unless configured. More: no further call is made and the turn fails. */
  turnTokensMax: 1_000_000,
  /** Greatest legal `turnTokensMax`. */
  turnTokensLegalMax: 100_000_000,
  /** Time that models and tools of one turn take together, ms, unless configured. More: the turn fails. */
  turnMsMax: 15 * 60_000,
  /** Greatest legal `turnMsMax`, ms. */
  turnMsLegalMax: 24 * 60 * 60_000,
  /** `<provider>/<model>`, characters. More: 400. */
  modelNameCharactersMax: 256,
  /** Tokens of an answer that a client may ask for. More: 400. */
  outputTokensMax: 1_000_000,
  /** Tokens of conversation that a model is given: the least value that a client may ask for … */
  contextTokensMin: 1000,
  /** … the greatest … */
  contextTokensMax: 10_000_000,
  /** … and the default. More: older messages are left out. */
  contextTokensDefault: 32_000,
  /** Tool calls of earlier turns, and model calls, that a model may be told of. More: the oldest turns are left out. */
  historyStepsReadMax: 2000,
  /** Times that a model call is made again with less, because it was too long. More: the turn fails. */
  modelShrinksMax: 5,
  /** The same, because it was refused as invalid, perhaps for its length. More: the turn fails. */
  modelGuessedShrinksMax: 2,
  /** Models of which it is kept how much they take. More: the one used longest ago is forgotten. */
  modelRoomsMax: 256,
  /** A tool's result as given to a model, UTF-16 units. More: cut, with a note. */
  toolResultModelUnitsMax: 20_000,
  /** What an engine wants back with a step, UTF-16 units of JSON. More: dropped, and its calls are told as text. */
  continuationUnitsMax: 200_000,
  /** A token count. More is no count: dropped. */
  usageTokensMax: 1_000_000_000_000,
  /** Tools that a model is given. More: those later in the list are left out, and the log says so. */
  modelToolsMax: 128,
  /** How often one model call is retried after a retryable error. More: the turn fails. */
  modelRetriesMax: 3,
  /** Wait before a model call is tried again, ms; doubles with each failure … */
  modelRetryMs: 1000,
  /** … up to this. */
  modelRetryMsMax: 30_000,
  /** The longest wait that a provider may ask for, ms. Longer: the turn fails at once. */
  modelRetryAfterMsMax: 120_000,
  /** Silence after which a model call counts as dead, ms, unless configured. */
  modelSilenceMsMax: 60_000,
  /** One model call as a whole, ms, unless configured. Longer: it is given up. */
  modelMsMax: 10 * 60_000,
  /** How long a provider may be silent after it said why it ended, ms. Longer: what is missing is not waited for. */
  modelFinishGraceMs: 3000,
  /** One event of a provider's stream, UTF-16 units. More: the answer cannot be read. */
  providerEventUnitsMax: 16 * 1024 * 1024,
  /** How much of an answer that is no stream is read to tell what it was, bytes. */
  providerErrorBytesMax: 64 * 1024,
  /** Bytes of one answer of a provider that wait to be read. More: nothing is read from its connection until then. */
  providerHeldBytesMax: 256 * 1024,
  /** Redirections of one request to a provider, within its origin. More: the call fails. */
  providerRedirectsMax: 3,
  /** A provider's own words in trace and log, UTF-16 units. More: cut. */
  providerWordsUnitsMax: 500,
  /** Greatest legal `approvalTimeoutMs`, the time that a tool call may wait for a person, ms. */
  approvalTimeoutMsMax: 30 * 24 * 60 * 60_000,
  /** Least time between two progress events of a tool call, ms. More: the newest is sent later. */
  toolProgressMs: 500,
  /** Progress events of one tool call. More: left out until its result. */
  toolProgressUpdatesMax: 200,
  /** A tool's progress message, UTF-16 units before the `…`. More: cut. */
  toolProgressUnitsMax: 200,
  /** Tool calls in one model call. More: the turn fails. */
  stepToolCallsMax: 16,
  /** Text of one answer, UTF-16 units. More: the turn fails with the text so far kept. */
  answerUnitsMax: 1_000_000,
  /** The reason why a turn or a tool call failed, UTF-16 units before the `…`. More: cut. */
  failureReasonUnitsMax: 2000,
  /** Arguments of a tool call as the model wrote them, UTF-16 units. More: the turn fails. */
  toolArgumentsUnitsMax: 100_000,
  /** How deep arguments of a tool call may be nested. More: the call fails, and the model is told why. */
  toolArgumentsDepthMax: 200,
  /** Name of a tool as a model wrote it, and its own id of a call, UTF-16 units. More: cut. */
  toolLabelUnitsMax: 256,
  /** A tool's result as kept in the store, UTF-16 units. More: cut. */
  toolResultUnitsMax: 1_000_000,

  /** Greatest legal `retentionDays`. */
  retentionDaysMax: 36_500,
  /** Events that one step of retention marks as old, or deletes. More: another step, after a pause … */
  retentionBatchEvents: 500,
  /** … of this length, ms, so that the hot path goes first. */
  retentionPauseMs: 50,
  /**
   * How often retention looks for old events, ms; an event's row stays at least this long after the event left the
   * range.
   */
  retentionIntervalMs: 60 * 60 * 1000,
  /** Pieces of text that wait behind an uncommitted event of their session. More: the stream pauses. */
  laneEventsMax: 1000,
  /** Bytes of those pieces. More: as above. */
  laneBytesMax: 4 * 1024 * 1024,
  /** How often a paused stream checks whether it may continue, ms. */
  congestionPollMs: 20,
  /** Answer text is checkpointed when this much of it is new, UTF-16 units … */
  checkpointUnitsMax: 4096,
  /** … or after this time, ms. The more answers stream at once, the longer the time: … */
  checkpointIntervalMs: 250,
  /** … so that among all answers one is checkpointed per this time, ms, … */
  checkpointSpacingMs: 1,
  /** … but never longer than this, ms. A crash loses at most the text since the last checkpoint. */
  checkpointIntervalMsMax: 1000,
  /** How long a checkpoint waits to be written together with others, ms, unless a more urgent event takes it along. */
  checkpointGatherMs: 50,

  /** Pieces in an answer of the rehearsal engine without `tokens=`. */
  rehearsalTokens: 60,
  /** Time between pieces of the rehearsal engine without `delay=`, ms. */
  rehearsalDelayMs: 15,
  /** `tokens=` of the rehearsal engine. More: the directive is left out and the answer says so. */
  rehearsalTokensMax: 100_000,
  /** `delay=` of the rehearsal engine, ms. More: as above. */
  rehearsalDelayMsMax: 60_000,
  /** `think=` of the rehearsal engine, pieces. More: as above. */
  rehearsalThinkMax: 1000,
  /** `flaky=` of the rehearsal engine, attempts. More: as above. */
  rehearsalFlakyMax: 10,
  /** Mistakes in directives that an answer lists. More: it says how many it leaves out. */
  rehearsalProblemsMax: 5,
  /** A tool's result or a mistake as quoted in a sentence, UTF-16 units before the `…`. More: cut. */
  toolNoteUnitsMax: 120,
  /** Models of one provider that the config may list. More: the server does not start. */
  providerModelsMax: 200,

  /** Causes of a session that no event has followed yet. More: they are lost, and what follows is not replayed. */
  causesPendingMax: 256,
  /** What led to one event, as the journal keeps it, UTF-16 units. More: as if it were lost. */
  causeUnitsMax: 262_144,
} as const;

assert(
  limits.contentCharactersMax * 12 < limits.bodyBytesMax,
  'the longest legal message, every character escaped as a surrogate pair, fits into a body',
);
assert(
  // 16: the levels around a value, such as those of an item of an import.
  Math.max(
    limits.importDepthMax,
    limits.toolArgumentsDepthMax,
    limits.partDataDepthMax,
    limits.layoutDepthMax,
  ) +
    16 <=
    limits.jsonDepthMax,
  'every value that may be so deep fits into a body',
);
assert(limits.bodyBytesMax <= limits.clientFrameBytesLeast, 'what REST accepts, a frame accepts');
assert(
  // 200 bytes: the keys and brackets of a part, and the id of a file.
  limits.systemPromptCharactersMax * 12 + limits.messagePartsMax * 200 + limits.bodyBytesMax / 4 <
    limits.messageExtraBytesMax,
  'the options and the parts of a message fit beside its text',
);
assert(
  limits.contentCharactersMax <= limits.messageCharactersMax &&
    limits.messageCharactersMax <= limits.messageCharactersLegalMax,
  'the default lengths of messages are legal',
);
assert(
  limits.messageCharactersLegalMax * 2 <= limits.waitingUnitsMax,
  'the longest message, every character a surrogate pair, can wait',
);
assert(limits.pathUnitsMax * 2 <= limits.requestHeadBytesMax, 'a path that is too long can still be told so');
assert(
  // An answer is shown as `content` and again in its parts.
  (limits.answerUnitsMax * 2 + limits.reasoningUnitsMax) * 6 < limits.socketBufferBytesMax,
  'the longest answer, every unit escaped, fits into a socket buffer',
);
assert(
  limits.waitingUnitsMax * 2 * 6 < limits.socketBufferBytesMax,
  'a full queue of messages fits into a socket buffer',
);
assert(
  limits.socketBudgetBytes + (limits.subscriptionsMax + 1) * limits.topicSlackBytes <
    limits.socketBufferBytesMax,
  'a reader of many topics is caught up, not cut off',
);
assert(limits.catchUpChunkEvents <= limits.catchUpScanEvents, 'a chunk can be found in one scan');
assert(
  limits.stepToolCallsMax * limits.turnStepsLegalMax < limits.historyStepsReadMax,
  'the longest turn can be told whole',
);
assert(
  limits.turnStepsLegalMax * (limits.modelRetriesMax + 1 + limits.stepToolCallsMax) < limits.traceSpansMax,
  'the spans of the longest turn fit into a trace',
);
assert(limits.sessionCommandsMax > limits.turnsWaitingMax, 'the command door is wider than the turn queue');
assert(
  limits.previewUnitsLegalMax * 2 * 6 < limits.socketBufferBytesMax,
  'the longest previews, every unit escaped, fit into a socket buffer',
);
assert(
  limits.toolResultUnitsMax * 2 < limits.journalQueueBytesMax,
  'the largest result of a tool fits into the queue of the journal',
);
assert(limits.checkpointUnitsMax < limits.answerUnitsMax, 'an answer can be checkpointed');
assert(
  // Six bytes: a control character escaped as \u0000.
  limits.logBurstEntriesMax * (limits.logMessageUnitsMax + limits.logContextUnitsMax) * 6 <
    limits.socketBufferBytesMax,
  'the largest logs.created fits into a socket buffer',
);
