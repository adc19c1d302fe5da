/**
 * What clients see of an event. Goal: `callboard.v1` sees everything, and baseline sockets what they always saw. Method:
 * facts of every kind, and the frames that an answer's life makes in both formats.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  failureText,
  type MessageFact,
  messageRoles,
  messageStatuses,
  shownMessage,
} from '../../../schema/chat-message.ts';
import type { DomainEvent, DomainEventOf } from '../../../schema/event-catalogue.ts';
import { type MessageId, type SessionId, spanIdSchema, traceIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { type MarkedPart, messagePartSchema, partsOf } from '../../../schema/message-part.ts';
import { participant, participantIdSchema } from '../../../schema/participant.ts';
import { baselineEvents, shownData } from '../../../schema/wire/shown-event.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';

const sessionId = idOf<SessionId>(idKinds.session, 1);
const questionId = idOf<MessageId>(idKinds.prompt, 1);
const answerId = idOf<MessageId>(idKinds.answer, 1);
const failureId = idOf<MessageId>(idKinds.answer, 2);
const createdAt = '2026-11-23T04:40:00.000Z';
const failedAt = Date.UTC(2026, 10, 23, 4, 40, 7);

const form = {
  previewUnitsMax: limits.previewUnitsMax,
  failureIdOf: (id: MessageId) => (id === answerId ? failureId : questionId),
};

const baselineKeys = ['id', 'sessionId', 'role', 'content', 'createdAt', 'toolCallId', 'name'];

const marked: fc.Arbitrary<MarkedPart> = fc.oneof(
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string() }),
  fc.record({ type: fc.constant('source' as const), url: fc.webUrl() }),
  fc.record({ type: fc.constant('data' as const), name: fc.string(), data: fc.constantFrom(null, 1, ['x']) }),
  fc.record({ type: fc.constant('step' as const), step: fc.integer({ min: 1, max: 9 }) }),
);

const marks = fc
  .array(fc.record({ offset: fc.nat(30), part: fc.option(marked) }), { maxLength: 6 })
  .map((given) => given.toSorted((one, other) => one.offset - other.offset));

const facts: fc.Arbitrary<MessageFact> = fc.record(
  {
    id: fc.constant(answerId),
    sessionId: fc.constant(sessionId),
    role: fc.constantFrom(...messageRoles),
    content: fc.string({ unit: 'binary', maxLength: 20 }),
    createdAt: fc.constant(createdAt),
    toolCallId: fc.string(),
    name: fc.string(),
    parentId: fc.constantFrom(null, questionId),
    queueRank: fc.integer(),
    promptId: fc.constant(questionId),
    status: fc.constantFrom(...messageStatuses),
    finishReason: fc.constantFrom('stop' as const, 'length' as const),
    model: fc.string(),
    marks,
  },
  { requiredKeys: ['id', 'sessionId', 'role', 'content', 'createdAt'] },
);

function event<Type extends 'message.created' | 'message.updated'>(type: Type, data: MessageFact) {
  return { type, sessionId, data, at: failedAt };
}

const told = (given: DomainEvent) => baselineEvents(given, form);

describe('a message', () => {
  it('[TREE40] is shown with its status and its parts, whose texts are its content', () => {
    fc.assert(
      fc.property(
        facts,
        fc.constantFrom('message.created' as const, 'message.updated' as const),
        (fact, type) => {
          const { marks: _, ...kept } = fact;
          const shown = shownMessage(fact);
          expect(shownData(event(type, fact), limits.previewUnitsMax)).toEqual(shown);
          expect(shown).toEqual({
            ...kept,
            content: shown.content,
            status: fact.status ?? 'complete',
            parts: partsOf(fact.content, fact.marks ?? []),
          });
          const texts = shown.parts.map((part) => (part.type === 'text' ? part.text : ''));
          expect(texts.join('')).toBe(fact.content);
          for (const part of shown.parts) expect(messagePartSchema.safeParse(part).success).toBe(true);
          const isSilentFailure = fact.status === 'failed' && fact.content === '';
          expect(shown.content).toBe(isSilentFailure ? failureText : fact.content);
        },
      ),
    );
  });

  it('[TREE41] has for baseline sockets the keys that it always had, in their order', () => {
    fc.assert(
      fc.property(facts, (fact) => {
        const [created, ...more] = told(event('message.created', fact));
        expect([created?.type, more]).toEqual(['message.created', []]);
        const data = Object(created?.data);
        const expected = baselineKeys.filter((key) => Reflect.has(fact, key));
        expect(Object.keys(data)).toEqual(expected);
        expect({ ...data, content: fact.content }).toEqual(
          Object.fromEntries(expected.map((key) => [key, Reflect.get(fact, key)])),
        );
      }),
    );
  });
});

const answer: MessageFact = {
  id: answerId,
  sessionId,
  role: 'assistant',
  content: 'Once upon',
  createdAt,
  parentId: questionId,
  promptId: questionId,
};
const { parentId: _, promptId: __, ...bareAnswer } = answer;

describe('what baseline sockets are not told', () => {
  const question: MessageFact = { ...bareAnswer, id: questionId, role: 'user', content: 'A tale' };
  const silent: readonly (readonly [what: string, event: DomainEvent])[] = [
    [
      'a message was deleted',
      { type: 'message.deleted', sessionId, data: { sessionId, id: answerId }, at: 0 },
    ],
    ['another branch', { type: 'branch.selected', sessionId, data: { sessionId, leafId: answerId }, at: 0 }],
    ['no branch is left', { type: 'branch.selected', sessionId, data: { sessionId, leafId: null }, at: 0 }],
    ['a message that waits was changed', event('message.updated', { ...question, queueRank: 3 })],
    ['a message was placed', event('message.updated', { ...question, parentId: answerId })],
    ['a first message was placed', event('message.updated', { ...question, parentId: null })],
    [
      'a message of the role assistant that is no answer was placed',
      event('message.updated', { ...bareAnswer, parentId: questionId }),
    ],
    ['an answer goes on', event('message.updated', { ...answer, status: 'streaming' })],
  ];
  it.each(silent)('[TREE42] %s', (_what, given) => {
    expect(told(given)).toEqual([]);
  });

  it('[PTC8] who takes part', () => {
    const at = { createdAt, updatedAt: createdAt };
    const taking = participant({ sessionId, id: participantIdSchema.parse('key:ada'), role: 'owner', ...at });
    for (const given of [
      { type: 'participant.added', sessionId, data: taking, at: 0 },
      { type: 'participant.updated', sessionId, data: taking, at: 0 },
      { type: 'participant.removed', sessionId, data: { sessionId, id: taking.id }, at: 0 },
    ] as const) {
      expect(told(given)).toEqual([]);
      expect(shownData(given, limits.previewUnitsMax)).toEqual(given.data);
    }
  });

  it('[TRC5] [CFG7] spans, purges, single flags and resets; of a trace they get the keys that they know', () => {
    const id = traceIdSchema.parse(answerId);
    const trace = { id, name: 'sweep', status: 'running', createdAt, updatedAt: createdAt } as const;
    const created = { type: 'trace.created', sessionId: null, at: 0 } as const;
    expect(told({ ...created, data: { ...trace, origin: 'client' } })).toEqual([
      { type: 'trace.created', data: trace },
    ]);
    const about = { sessionId: null, at: 0 };
    const span = spanIdSchema.parse(questionId);
    const silent: readonly DomainEvent[] = [
      {
        ...about,
        type: 'trace.span.appended',
        data: {
          ...{ id: span, traceId: id, parentId: null, name: 'work', status: 'ok', attributes: {} },
          ...{ startedAt: createdAt, endedAt: createdAt },
        },
      },
      { ...about, type: 'trace.purged', data: { ids: [id] } },
      {
        ...about,
        type: 'config.flag.updated',
        data: { name: 'logs', value: true, previous: null, by: 'local', timestamp: createdAt },
      },
      { ...about, type: 'config.reset', data: { changes: [], by: 'local', timestamp: createdAt } },
    ];
    for (const given of silent) expect(told(given)).toEqual([]);
  });

  // The options of a session were once sent to baseline sockets, against [TREE41].
  it('[TREE41] [TREE42] [SES11] where a session has its leaf, that it is closed, what it is a copy of, and how its models are called', () => {
    const data = {
      id: sessionId,
      title: 'Tales',
      status: 'active',
      createdAt,
      updatedAt: createdAt,
    } as const;
    for (const type of ['session.created', 'session.updated'] as const) {
      const own = { options: { temperature: 0 }, leafId: answerId, closedAt: createdAt };
      const forked = { ...data, ...own, forkedFrom: { sessionId, messageId: answerId } };
      const given: DomainEventOf<typeof type> = { type, sessionId, data: forked, at: 0 };
      expect(told(given)).toEqual([{ type, data }]);
      expect(shownData(given, limits.previewUnitsMax)).toEqual(forked);
    }
  });
});

describe('how an answer ended', () => {
  const baseline = { id: answerId, sessionId, role: 'assistant', createdAt };

  it('[TREE42] is told to baseline sockets as one `message.updated`', () => {
    for (const status of ['complete', 'cut-off', 'cancelled', 'interrupted'] as const) {
      expect(told(event('message.updated', { ...answer, status, finishReason: 'stop', model: 'm' }))).toEqual(
        [{ type: 'message.updated', data: { ...baseline, content: 'Once upon' } }],
      );
    }
  });

  it('[TREE42] also of an answer from before there were trees', () => {
    expect(told(event('message.updated', bareAnswer))).toEqual([
      { type: 'message.updated', data: { ...baseline, content: 'Once upon' } },
    ]);
  });

  it('[TREE43] a failure after text is told as a message of its own, on baseline sockets alone', () => {
    const failed = event('message.updated', { ...answer, status: 'failed' });
    const failure = {
      id: failureId,
      sessionId,
      role: 'assistant',
      content: failureText,
      createdAt: '2026-11-23T04:40:07.000Z',
    };
    expect(told(failed)).toEqual([
      { type: 'message.updated', data: { ...baseline, content: 'Once upon' } },
      { type: 'message.created', data: failure },
    ]);
    const activity = { sessionId, state: 'error', timestamp: '2026-11-23T04:40:07.000Z' } as const;
    const error: DomainEvent = {
      type: 'agent.activity',
      sessionId,
      at: failed.at,
      data: { ...activity, failedAnswerId: answer.id },
    };
    expect(told(error)).toEqual([
      { type: 'message.updated', data: failure },
      { type: 'agent.activity', data: activity },
    ]);
    expect(shownData(error, limits.previewUnitsMax)).toEqual(activity);
    expect(shownData(failed, limits.previewUnitsMax)).toEqual({
      ...answer,
      status: 'failed',
      parts: [{ type: 'text', text: 'Once upon' }],
    });
  });

  it('[TREE43] a failure without text is the fixed sentence, to everybody', () => {
    const failed = event('message.updated', { ...answer, content: '', status: 'failed' });
    expect(told(failed)).toEqual([{ type: 'message.updated', data: { ...baseline, content: failureText } }]);
    expect(shownData(failed, limits.previewUnitsMax)).toEqual({
      ...answer,
      content: failureText,
      status: 'failed',
      parts: [],
    });
  });
});
