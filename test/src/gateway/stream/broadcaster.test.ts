/**
 * The broadcaster over a fake topic tree that counts publications: who gets which frame, how often it is encoded, and
 * which frames of growing texts are kept. sockets.test.ts tests that frames arrive through sockets.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Clock } from '../../../../actors/ports.ts';
import type { MessageFact } from '../../../../schema/chat-message.ts';
import { eventCatalogue, type JournaledEvent } from '../../../../schema/event-catalogue.ts';
import { type MessageId, messageIdSchema, turnIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import type { ReasoningPartial } from '../../../../schema/reasoning.ts';
import type { TextPiece } from '../../../../schema/text-piece.ts';
import { serverFrame } from '../../../../schema/wire/frame.ts';
import { callboardV1TopicsOf } from '../../../../schema/wire/topic.ts';
import { oneAudience } from '../../../../src/gateway/access/audiences.ts';
import { createBroadcaster } from '../../../../src/gateway/stream/broadcaster.ts';
import { HotWindow } from '../../../../src/gateway/stream/hot-window.ts';
import { InFlight } from '../../../../src/gateway/stream/in-flight.ts';
import { entry, participant } from '../../../contract/sample-entries.ts';
import { at, logEntry, session, sessionId } from '../fake-services.ts';
import { recordingLog } from '../running-gateway.ts';

const messageId = messageIdSchema.parse('1d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31');

/** Flushes at once, so that each call can be checked by itself. */
const immediate: Clock = { now: () => 0, soon: (run) => run(), after: () => () => {} };

function broadcasting(subscribers: Record<string, number>, clock = immediate) {
  const frames: [topic: string, frame: string][] = [];
  const log = recordingLog();
  const { publisher } = createBroadcaster({
    audiences: oneAudience,
    topics: {
      numSubscribers: (topic) => subscribers[topic] ?? 0,
      publish: (topic, frame) => void frames.push([topic, Buffer.from(frame).toString()]),
      settle: () => {},
    },
    hot: new HotWindow({ floor: 0, eventsMax: 10, bytesMax: 10_000 }),
    inFlight: new InFlight(),
    previewUnitsMax: limits.previewUnitsMax,
    clock,
    log,
    flushMsMax: 0,
  });
  return { publisher, frames, log };
}

const everybody = Object.fromEntries(
  Object.values(eventCatalogue).map(({ namespace }) => [`baseline/${namespace}`, 1]),
);

it('[ORC6] says whether anybody would get an event of a session, in either format', () => {
  const subscribers: Record<string, number> = {};
  const { publisher } = broadcasting(subscribers);
  expect(publisher.isHeard?.('chat-sessions', sessionId)).toBe(false);
  for (const topic of [
    'baseline/chat-sessions',
    ...callboardV1TopicsOf({
      namespace: 'chat-sessions',
      sessionId,
      audiences: ['all'],
    }),
  ]) {
    subscribers[topic] = 1;
    expect(publisher.isHeard?.('chat-sessions', sessionId), topic).toBe(true);
    expect(publisher.isHeard?.('tools', sessionId), topic).toBe(false);
    subscribers[topic] = 0;
  }
});

/** Counts how often its event is encoded as JSON. */
function countedEvent() {
  let encoded = 0;
  const features = Object.defineProperty({}, 'toJSON', {
    enumerable: false,
    value() {
      encoded++;
      return {};
    },
  });
  const event: JournaledEvent = {
    type: 'config.updated',
    sessionId: null,
    data: { features, theme: 'dark' },
    at: 0,
  };
  return { event, encoded: () => encoded };
}

it('[WS13] an event is encoded once, however many listen', () => {
  const { publisher, frames } = broadcasting({ 'baseline/config': 10_000 });
  const { event, encoded } = countedEvent();
  publisher.durable(event, 1);
  expect(encoded()).toBe(1);
  expect(frames).toEqual([
    ['baseline/config', serverFrame('config.updated', { features: {}, theme: 'dark' })],
  ]);
});

it('[WS13] an event is not encoded while nobody listens', () => {
  const { publisher, frames } = broadcasting({ 'baseline/traces': 1 });
  const { event, encoded } = countedEvent();
  publisher.durable(event, 1);
  publisher.volatile({ type: 'logs.created', sessionId: null, data: [logEntry], at: 0 });
  let asked = 0;
  publisher.stream(delta('piece', 0, () => void asked++));
  expect([encoded(), asked, frames]).toEqual([0, 0, []]);
});

it('[OWN3] what changes who sees a session leaves at once, because its command is answered next', () => {
  const [topic = ''] = callboardV1TopicsOf({ namespace: 'chat-sessions', sessionId, audiences: ['all'] });
  const { publisher, frames } = broadcasting({ [topic]: 1 }, { ...immediate, soon: () => {} });
  const told = () => frames.splice(0).map(([, frame]) => JSON.parse(frame).event);
  const renamed: JournaledEvent = { type: 'session.updated', sessionId, data: session, at: 1 };
  const data = participant(sessionId);
  const changes: readonly JournaledEvent[] = [
    { ...renamed, record: { owner: null, tenant: null } },
    entry.participant('participant.added', data),
    entry.participant('participant.updated', data),
    entry.participantRemoved(sessionId, data.id),
    entry.sessionDeleted(sessionId),
  ];
  publisher.durable(renamed, 1);
  expect(told()).toEqual([]);
  const types = changes.map((event, index) => {
    publisher.durable(event, index + 2);
    return event.type;
  });
  // What waited left before them.
  expect(told()).toEqual(['session.updated', ...types]);
});

it('[WS15] what only the journal knows is not published', () => {
  const { publisher, frames } = broadcasting(everybody);
  const turnId = turnIdSchema.parse(session.id);
  publisher.durable(
    { type: 'turn.started', sessionId, data: { turnId, sessionId, timestamp: at }, at: 0 },
    1,
  );
  expect(frames).toEqual([]);
});

it('[WS15] nothing is ever thrown at the outbox', () => {
  const { publisher, log } = broadcasting(everybody);
  const data = Object.defineProperty({ ...session }, 'title', {
    get() {
      throw new Error('cannot be encoded');
    },
  });
  publisher.durable({ type: 'session.updated', sessionId, data, at: 0 }, 1);
  publisher.stream({
    ...delta('x', 0),
    soFar: () => {
      throw new Error('gone');
    },
  });
  expect(log.lines.map(([level, , context]) => [level, context])).toEqual([
    ['error', { event: 'session.updated', error: 'Error: cannot be encoded' }],
    ['error', { event: 'message.delta', error: 'Error: gone' }],
  ]);
});

function message(content: string, id: MessageId = messageId): MessageFact {
  return { id, sessionId, role: 'assistant', content, createdAt: at };
}

/** A piece at the end of `before`. `asked` is called when the whole content is read. */
function delta(text: string, offset: number, asked: () => void = () => {}, before = '', id = messageId) {
  return {
    type: 'message.delta',
    sessionId,
    messageId: id,
    offset,
    text,
    soFar() {
      asked();
      return message(before + text, id);
    },
  } as const satisfies TextPiece;
}

function updated(content: string): JournaledEvent {
  return { type: 'message.updated', sessionId, data: message(content), at: 0 };
}

it('[WS14] every piece is published with the content so far, whoever joins and leaves meanwhile', () => {
  const step = fc.record({
    text: fc.string({ unit: 'binary', maxLength: 10 }),
    listeners: fc.integer({ min: 0, max: 2 }),
    ended: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const subscribers = { 'baseline/chat-messages': 0 };
      const { publisher, frames } = broadcasting(subscribers);
      const expected: string[] = [];
      let content = '';
      for (const { text, listeners, ended } of steps) {
        subscribers['baseline/chat-messages'] = listeners;
        publisher.stream(delta(text, content.length, () => {}, content));
        content += text;
        if (listeners > 0) expected.push(serverFrame('message.partial', message(content)));
        // `message.updated` in mid-answer drops the kept frame; the next piece starts a new one.
        if (ended) publisher.durable(updated(content), 1);
      }
      expect(frames.map(([, frame]) => frame)).toEqual(expected);
    }),
  );
});

it('[WS14] reasoning grows beside the answer of the same message', () => {
  const { publisher, frames } = broadcasting(everybody);
  const reasoning = (text: string): ReasoningPartial => ({
    sessionId,
    messageId,
    text,
    timestamp: at,
    agentId: null,
  });
  const think = (text: string, offset: number, before: string): TextPiece => ({
    type: 'reasoning.delta',
    sessionId,
    messageId,
    offset,
    text,
    soFar: () => reasoning(before + text),
  });
  publisher.stream(think('I ', 0, ''));
  publisher.stream(delta('Yes', 0));
  publisher.stream(think('think', 2, 'I '));
  expect(frames.map(([, frame]) => frame)).toEqual([
    serverFrame('message.reasoning.partial', reasoning('I ')),
    serverFrame('message.partial', message('Yes')),
    serverFrame('message.reasoning.partial', reasoning('I think')),
  ]);
});

it('[WS14] the whole content is asked for once per message, not per piece, until the answer ends', () => {
  const { publisher } = broadcasting(everybody);
  let asked = 0;
  const count = () => void asked++;
  for (let index = 0; index < 100; index++) publisher.stream(delta('x', index, count, 'x'.repeat(index)));
  expect(asked).toBe(1);
  publisher.durable(updated('x'.repeat(100)), 1);
  publisher.stream(delta('y', 100, count, 'x'.repeat(100)));
  expect(asked).toBe(2);
  publisher.durable({ type: 'session.deleted', sessionId, data: { id: session.id }, at: 0 }, 2);
  publisher.stream(delta('z', 101, count, `${'x'.repeat(100)}y`));
  expect(asked).toBe(3);
});

it('[WS14] the frames that are kept are bounded in number', () => {
  const { publisher } = broadcasting(everybody);
  const idOf = (index: number) =>
    messageIdSchema.parse(`00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`);
  let asked = 0;
  const count = () => void asked++;
  for (let index = 0; index <= limits.partialFramesMax; index++) {
    publisher.stream(delta('x', 0, count, '', idOf(index)));
  }
  asked = 0;
  publisher.stream(delta('y', 1, count, 'x', idOf(limits.partialFramesMax)));
  expect(asked).toBe(0);
  publisher.stream(delta('y', 1, count, 'x', idOf(0)));
  expect(asked).toBe(1);
});
