/**
 * Every frame on sockets and SSE streams, in both formats: its schema, an example, and where it is used. The event
 * catalogue and the schemas of `callboard.v1` are the source; the AsyncAPI document is made from this list.
 */
import { z } from 'zod';
import { commandTable } from '../command-table.ts';
import { eventCatalogue } from '../event-catalogue.ts';
import { eventTable, stateNames } from '../event-table.ts';
import { limits } from '../limits.ts';
import { clientFrameBytesMax, defaultMessageBounds } from '../message-bounds.ts';
import { turnProgressSchema } from '../pushed-turn.ts';
import { type RefusalCode, refusalTable } from '../refusal.ts';
import { turnCommandTable } from '../turn-command-table.ts';
import { assert } from '../unreachable.ts';
import {
  deltaOf,
  isTextEventName,
  type TextEventName,
  type WireNamespace,
  wireNamespaces,
} from '../wire-event-table.ts';
import {
  callboardV1ClientEvents,
  compactDeltaSchema,
  compactSubprotocol,
  heartbeatSchema,
  helloSchema,
  resyncSchema,
  subscribedSchema,
  textDeltaSchema,
  textNumberSchema,
} from './callboard-v1-frame.ts';
import { exampleIds } from './example-ids.ts';
import { exampleOf } from './examples.ts';
import { frameIdSchema, messageSendSchema } from './frame.ts';
import { inspectFocusSchema } from './inspect-frame.ts';
import { inspectWireMessages } from './inspect-wire-messages.ts';
import { exampleLease } from './turn-examples.ts';
import type { WireMessage } from './wire-message.ts';

const seqSchema = z.int().nonnegative();

/** Data of `exception` (docs/protocol.md B2; [FRM6], [V1A6]). */
export const exceptionSchema = z
  .object({
    status: z.literal('error'),
    code: z.enum(refusalCodes()),
    message: z.string(),
    retryable: z.literal(true).exactOptional(),
    /** On refusals by a limit per client: when it may be tried again at the earliest, ms. */
    retryAfterMs: z.int().nonnegative().exactOptional(),
    /** How far a turn is, for the agent that pushes it. */
    turn: turnProgressSchema.exactOptional(),
    id: frameIdSchema.exactOptional(),
  })
  .meta({ id: 'Exception' });

function refusalCodes(): [RefusalCode, ...RefusalCode[]] {
  const [first, ...others] = Object.keys(refusalTable);
  assert(isRefusalCode(first) && others.every(isRefusalCode), 'the table of refusals has codes');
  return [first, ...others];
}

function isRefusalCode(code: string | undefined): code is RefusalCode {
  return code !== undefined && Object.hasOwn(refusalTable, code);
}

const exception: Pick<WireMessage, 'event' | 'summary' | 'frame' | 'example'> = {
  event: 'exception',
  summary: 'Why a frame was not obeyed. The connection stays open.',
  frame: z.object({ event: z.literal('exception'), data: exceptionSchema }),
  example: {
    event: 'exception',
    data: { status: 'error', code: 'unknown_event', message: 'Unknown event "hum"', id: 7 },
  },
};

/** The events of the catalogue in both formats. */
function catalogueMessages(): WireMessage[] {
  return Object.entries(eventCatalogue).flatMap(([event, entry]) => {
    const { namespace: given, delivery, data, summary } = entry;
    const namespace = wireNamespaces.find((one) => one === given);
    if (namespace === undefined) return [];
    const example = { event, data: exampleOf(data) };
    const named = { event, sender: 'server', namespace, summary } as const;
    const baseline = 'baseline' in entry ? entry.baseline : data;
    const bare = z.object({ event: z.literal(event), data });
    const messages: WireMessage[] = [];
    if (baseline !== null) {
      messages.push({
        ...named,
        key: `baseline.${event}`,
        format: 'baseline',
        frame: z.object({ event: z.literal(event), data: baseline }),
        example: { event, data: exampleOf(baseline) },
      });
    }
    if (delivery === 'durable') {
      messages.push({
        ...named,
        key: `v1.${event}`,
        format: 'v1',
        frame: bare.extend({ seq: seqSchema }),
        example: { ...example, seq: 42 },
      });
    } else if (delivery === 'volatile') {
      messages.push({ ...named, key: `v1.${event}`, format: 'v1', frame: bare, example });
    }
    // Growing text is sent as a snapshot and deltas ([V1A3], [V1A5]).
    if (delivery === 'stream' || stateNames.some((name) => name === event)) {
      messages.push({
        ...named,
        key: `v1.${event}.snapshot`,
        format: 'v1',
        summary: `A snapshot for one who joins. ${summary}`,
        frame: bare.extend({
          snapshot: z.literal(true),
          ...(delivery === 'stream' ? { number: textNumberSchema.exactOptional() } : {}),
        }),
        example: { ...example, snapshot: true, ...(delivery === 'stream' ? { number: 12 } : {}) },
      });
    }
    return messages;
  });
}

function callboardV1ServerMessage(
  event: string,
  data: z.ZodType,
  summary: string,
  example: unknown,
  namespace: WireNamespace | null = null,
): WireMessage {
  return {
    key: `v1.${event}`,
    event,
    format: 'v1',
    sender: 'server',
    namespace,
    summary,
    frame: z.object({ event: z.literal(event), data }),
    example: { event, data: example },
  };
}

/** For each event that is sent as deltas. */
const deltaSummaries: Readonly<Record<TextEventName, string>> = {
  'message.partial': 'New text of an answer.',
  'message.reasoning.partial': 'New text of reasoning.',
};

const exampleDelta = {
  sessionId: exampleIds.session,
  messageId: exampleIds.answer,
  offset: 6,
  text: 'twenty ',
};

const callboardV1ServerMessages: readonly WireMessage[] = [
  callboardV1ServerMessage('hello', helloSchema, 'The first frame of every connection.', {
    epoch: exampleIds.epoch,
    seq: 41,
    resumed: false,
    principal: { id: 'app:ada', name: 'Ada', scopes: ['chat'], narrowed: false },
    limits: {
      frameBytesMax: clientFrameBytesMax(defaultMessageBounds),
      subscriptionsMax: limits.subscriptionsMax,
      commandsInFlightMax: limits.socketCommandsMax,
      heartbeatMs: limits.heartbeatMs,
    },
  }),
  ...Object.entries(deltaSummaries).flatMap(([text, summary]) => {
    if (!isTextEventName(text)) return [];
    const { namespace } = eventTable[text];
    const event = deltaOf[text];
    return [
      {
        ...callboardV1ServerMessage(event, textDeltaSchema, summary, exampleDelta, namespace),
        frame: z.object({
          event: z.literal(event),
          data: textDeltaSchema,
          number: textNumberSchema.exactOptional(),
        }),
      },
    ];
  }),
  {
    key: 'v1.compact-delta',
    event: 'compact-delta',
    format: 'v1',
    sender: 'server',
    namespace: 'chat-messages',
    summary: `New text of the text with that number; only with the subprotocol ${compactSubprotocol}.`,
    frame: compactDeltaSchema,
    example: [12, exampleDelta.offset, exampleDelta.text],
  },
  callboardV1ServerMessage(
    'resync',
    resyncSchema,
    'Events are missing: read over REST, and go on from `seq`.',
    {
      reason: 'retention',
      seq: 41,
    },
  ),
  callboardV1ServerMessage(
    'heartbeat',
    heartbeatSchema,
    'The connection is alive, and nothing up to `seq` is missing.',
    {
      seq: 41,
    },
  ),
  {
    key: 'v1.ack',
    event: 'ack',
    format: 'v1',
    sender: 'server',
    namespace: null,
    summary: 'A frame with an `id` has taken effect; `data` depends on its event.',
    frame: z.object({
      event: z.literal('ack'),
      id: frameIdSchema,
      data: z.union([subscribedSchema, z.json()]),
    }),
    example: { event: 'ack', id: 1, data: { seq: 41, resumed: true } },
  },
  { ...exception, key: 'v1.exception', format: 'v1', sender: 'server', namespace: null },
];

/** Shaped like a connection token. */
export const exampleToken = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';

const send = {
  sessionId: exampleIds.session,
  message: { id: exampleIds.prompt, content: 'What time is it?' },
};

/** Frames of `callboard.v1` clients, in the order of [V1B1] to [V1B4]. */
const clientEvents: Readonly<
  Record<keyof typeof callboardV1ClientEvents, { summary: string; data: unknown }>
> = {
  subscribe: {
    summary: 'Adds a subscription; with `since`, everything after the cursor comes first.',
    data: { namespaces: ['chat-sessions', 'chat-messages'], since: `${exampleIds.epoch}:41` },
  },
  unsubscribe: {
    summary: 'Removes that subscription.',
    data: { namespaces: ['chat-sessions', 'chat-messages'] },
  },
  'message.send': { summary: 'Adds a message; sending the same `message.id` again is harmless.', data: send },
  'message.regenerate': {
    summary: commandTable['message.regenerate'].summary,
    data: { sessionId: exampleIds.session, messageId: exampleIds.answer },
  },
  'message.edit': {
    summary: commandTable['message.edit'].summary,
    data: { sessionId: exampleIds.session, messageId: exampleIds.prompt, content: 'What day is it?' },
  },
  'message.delete': {
    summary: commandTable['message.delete'].summary,
    data: { sessionId: exampleIds.session, messageId: exampleIds.answer },
  },
  'message.send-now': {
    summary: commandTable['message.send-now'].summary,
    data: { sessionId: exampleIds.session, messageId: exampleIds.prompt },
  },
  'message.steer': {
    summary: commandTable['message.steer'].summary,
    data: { sessionId: exampleIds.session, messageId: exampleIds.prompt },
  },
  'branch.select': {
    summary: commandTable['branch.select'].summary,
    data: { sessionId: exampleIds.session, leafId: exampleIds.answer },
  },
  'turn.start': {
    summary: commandTable['turn.start'].summary,
    data: { sessionId: exampleIds.session, agent: 'weather' },
  },
  'turn.claim': {
    summary: commandTable['turn.claim'].summary,
    data: { turnId: exampleIds.turn, agent: 'weather' },
  },
  'turn.push': {
    summary: 'Adds parts to the answer of a turn that an agent pushes. Sending them again is harmless.',
    data: { turnId: exampleIds.turn, lease: exampleLease, parts: [{ seq: 1, type: 'text', text: 'It is ' }] },
  },
  'turn.finish': {
    summary: turnCommandTable['turn.finish'].summary,
    data: { turnId: exampleIds.turn, lease: exampleLease, seq: 2 },
  },
  'turn.fail': {
    summary: turnCommandTable['turn.fail'].summary,
    data: { turnId: exampleIds.turn, lease: exampleLease, error: 'The weather service is down' },
  },
  'turn.cancel': {
    summary: 'Stops the answer and drops those that wait, or the one to `messageId`.',
    data: { sessionId: exampleIds.session },
  },
  'auth.refresh': {
    summary: 'Gives the connection another token of its principal, before the one that it has ends.',
    data: { token: exampleToken },
  },
  'inspect.focus': {
    summary: 'Asks for what happens below an actor, instead of what did before; `null`: for nothing.',
    data: exampleOf(inspectFocusSchema),
  },
  'tool.approve': {
    summary: 'Lets a tool call run that waits for a person. Sending it again is harmless.',
    data: { sessionId: exampleIds.session, callId: exampleIds.toolCall },
  },
  'tool.deny': {
    summary: 'Does not let it run; the model is told, with the reason. Sending it again is harmless.',
    data: { sessionId: exampleIds.session, callId: exampleIds.toolCall, reason: 'Not today.' },
  },
  ping: { summary: 'Asks for an `ack`.', data: {} },
};

const clientMessages: readonly WireMessage[] = [
  {
    key: 'baseline.message.send',
    event: 'message.send',
    format: 'baseline',
    sender: 'client',
    namespace: 'chat-sessions',
    summary: 'Adds a message.',
    frame: z.object({
      event: z.literal('message.send'),
      data: messageSendSchema,
      id: frameIdSchema.exactOptional(),
    }),
    example: { event: 'message.send', data: send },
  },
  ...Object.entries(callboardV1ClientEvents).map(([event, data]): WireMessage => {
    const { summary, data: example } = clientEvents[callboardV1Event(event)];
    return {
      key: `v1.${event}`,
      event,
      format: 'v1',
      sender: 'client',
      namespace: null,
      summary,
      frame: z.object({ event: z.literal(event), data, id: frameIdSchema.exactOptional() }),
      example: { event, data: example, id: 1 },
    };
  }),
];

function callboardV1Event(event: string): keyof typeof callboardV1ClientEvents {
  assert(isCallboardV1Event(event), 'the events of a client are known');
  return event;
}

function isCallboardV1Event(event: string): event is keyof typeof callboardV1ClientEvents {
  return Object.hasOwn(callboardV1ClientEvents, event);
}

export const wireMessages: readonly WireMessage[] = [
  ...catalogueMessages(),
  { ...exception, key: 'baseline.exception', format: 'baseline', sender: 'server', namespace: null },
  ...callboardV1ServerMessages,
  ...clientMessages,
  ...inspectWireMessages,
];
