/**
 * Answer. Goal: the pieces that clients get, the checkpoints in the journal, and the final message all have the same
 * text and parts (I4, I11). Method: generated events through the pure step; all emissions are recorded. What the parts
 * are is told by a model that keeps them as a list.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, getInitialSnapshot } from 'xstate';
import {
  type AnswerContext,
  type AnswerEvent,
  type AnswerInput,
  answerLogic,
  nextAnswer,
} from '../../machines/answer.ts';
import { joined } from '../../machines/growing-text.ts';
import { restoredAnswer } from '../../machines/restored-answer.ts';
import { type MessageFact, shownMessage } from '../../schema/chat-message.ts';
import { type DomainEvent, emittedSchema } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { partsOf } from '../../schema/message-part.ts';
import { reasoningPartialSchema } from '../../schema/reasoning.ts';
import type { TextPiece } from '../../schema/text-piece.ts';
import { answerEnd, answerEvents, openAnswerEvents } from '../arbitraries/answer-events.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { PartsModel } from './parts-model.ts';

type Said =
  | DomainEvent
  | TextPiece
  | { readonly type: 'answer.opened'; readonly spoke: boolean }
  | { readonly type: 'answer.spoke' };

const identity = {
  sessionId: idOf<SessionId>(idKinds.session, 1),
  messageId: idOf<MessageId>(idKinds.answer, 1),
  promptId: idOf<MessageId>(idKinds.prompt, 1),
  turnId: idOf<TurnId>(idKinds.turn, 1),
  agentId: 'rehearsal',
};

function run(events: readonly AnswerEvent[], restored?: AnswerInput['restored']) {
  const said: Said[] = [];
  const turn = { send: (event: Said) => said.push(event) };
  let context: AnswerContext = getInitialSnapshot(answerLogic, { ...identity, turn, restored }).context;
  for (const event of events) context = nextAnswer(context, event, (emission) => said.push(emission));
  return { said, context };
}

const end: AnswerEvent = { type: 'answer.end', at: noon, status: 'complete' };
const checkpoint: AnswerEvent = { type: 'answer.checkpoint', at: noon };
const noCalls: AnswerEvent = { type: 'answer.calls', calls: [], at: noon };

/** The events that have an effect: those up to the first end. */
function heard(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
  const last = events.findIndex(({ type }) => type === 'answer.end');
  return last === -1 ? events : events.slice(0, last);
}

function textOf(events: readonly AnswerEvent[], type: 'answer.text' | 'answer.reasoning'): string {
  return heard(events)
    .map((event) => (event.type === type ? event.text : ''))
    .join('');
}

const pick =
  <Type extends Said['type']>(type: Type) =>
  (event: Said): event is Extract<Said, { type: Type }> =>
    event.type === type;

/** The message as the store has it after these events; `null`: it has none. */
function stored(said: readonly Said[], before: MessageFact | null = null): MessageFact | null {
  let message = before;
  for (const event of said) {
    if (event.type === 'message.created' || event.type === 'message.updated') message = event.data;
    if (event.type !== 'message.checkpoint' || message === null) continue;
    expect(event.data.offset).toBe(message.content.length);
    const marks = [...(message.marks ?? []), ...(event.data.marks ?? [])];
    const content = message.content + event.data.text;
    message = { ...message, content, ...(marks.length === 0 ? {} : { marks }) };
  }
  return message;
}

/** What can be compared: a function is equal only to itself. */
const comparable = (said: readonly Said[]) =>
  said.map((event) => ('soFar' in event ? { ...event, soFar: event.soFar() } : event));

describe('an answer', () => {
  it('[MSG6] is created with its first text or reasoning, grows by contiguous pieces and ends with its whole text', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said } = run(events);
        const text = textOf(events, 'answer.text');
        const deltas = said.filter(pick('message.delta'));
        let soFar = '';
        for (const delta of deltas) {
          expect(delta.offset).toBe(soFar.length);
          expect(delta.text).not.toBe('');
          soFar += delta.text;
        }
        expect(soFar).toBe(text);
        const first = heard(events).find(
          (event) => (event.type === 'answer.text' || event.type === 'answer.reasoning') && event.text !== '',
        );
        const created = said.filter(pick('message.created')).map(({ data }) => data.content);
        if (first === undefined) expect(created).toEqual([]);
        else expect(created).toEqual([first.type === 'answer.text' ? first.text : '']);
        const updated = said.filter(pick('message.updated')).map(({ data }) => data.content);
        const ended = events.some(({ type }) => type === 'answer.end');
        expect(updated).toEqual(ended && first !== undefined ? [text] : []);
      }),
      { numRuns: 400 },
    );
  });

  it('[MSG6] says message.created first and once, message.updated last, and nothing after its end', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const ended = [...events, end];
        const { said } = run(ended);
        const kinds = said.map(({ type }) => type);
        expect(kinds.lastIndexOf('message.created')).toBe(kinds.length === 0 ? -1 : 0);
        expect(kinds.indexOf('message.updated')).toBe(kinds.length === 0 ? -1 : kinds.length - 1);
        expect(comparable(run([...ended, ...events]).said)).toEqual(comparable(said));
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] tells its turn once that it has begun, and once that it has text', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const told = run(events).said.filter(({ type }) => type.startsWith('answer.'));
        const types = heard(events)
          .filter((event) => !('text' in event) || event.text !== '')
          .map(({ type }) => type)
          .filter((type) => type === 'answer.text' || type === 'answer.reasoning');
        const [first] = types;
        const spoke = { type: 'answer.spoke', at: expect.any(Number) };
        const opened = { type: 'answer.opened', at: expect.any(Number), spoke: first === 'answer.text' };
        expect(told).toEqual([
          ...(first === undefined ? [] : [opened]),
          ...(first !== 'answer.text' && types.includes('answer.text') ? [spoke] : []),
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] keeps every earlier snapshot true while it grows', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        for (const delta of run(events).said.filter(pick('message.delta'))) {
          const { content, status } = delta.soFar();
          expect(content).toBe(textOf(events, 'answer.text').slice(0, delta.offset + delta.text.length));
          expect(status).toBe('streaming');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[PART2] ends with the parts that came, in their order, whatever came', () => {
    fc.assert(
      fc.property(openAnswerEvents, (events) => {
        const model = new PartsModel();
        for (const event of events) model.hear(event);
        model.end();
        const final = stored(run([...events, end]).said);
        if (final === null) return;
        expect(shownMessage(final).parts).toEqual(model.parts);
        expect(final.content).toBe(textOf(events, 'answer.text'));
      }),
      { numRuns: 400 },
    );
  });

  it('[PART3] keeps so much of its reasoning in all, and says what was cut', () => {
    fc.assert(
      fc.property(openAnswerEvents, (events) => {
        const final = stored(run([...events, end]).said);
        const parts = (final?.marks ?? []).flatMap(({ part }) => (part?.type === 'reasoning' ? [part] : []));
        const kept = parts.map(({ text }) => text).join('');
        const all = textOf(events, 'answer.reasoning');
        expect(kept.length).toBe(Math.min(all.length, limits.reasoningUnitsMax));
        expect(parts.findIndex(({ cut }) => cut === true)).toBe(
          all.length > limits.reasoningUnitsMax ? parts.length - 1 : -1,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG9] [PART2] checkpoints every text and part once, without gaps, and never far behind', () => {
    fc.assert(
      fc.property(openAnswerEvents, (events) => {
        const final = stored(run([...events, end]).said);
        let before: MessageFact | null = null;
        let { context } = run([]);
        let streamed = 0;
        for (const event of events) {
          const said: Said[] = [];
          context = nextAnswer(context, event, (emission) => said.push(emission));
          before = stored(said, before);
          for (const delta of said.filter(pick('message.delta'))) streamed += delta.text.length;
          for (const one of said.filter(pick('message.checkpoint')))
            expect(one.data.text + JSON.stringify(one.data.marks ?? '')).not.toBe('""');
          if (before === null) continue;
          // At every point the store has a beginning of the final message.
          expect(streamed - before.content.length).toBeLessThan(limits.checkpointUnitsMax);
          expect(final?.content.startsWith(before.content)).toBe(true);
          const { marks = [] } = before;
          expect(final?.marks?.slice(0, marks.length) ?? []).toEqual(marks);
          if (event.type === 'answer.checkpoint' || event.type === 'answer.calls') {
            expect(before.content.length).toBe(streamed);
            expect(marks.length).toBe(context.marks.length);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[MSG10] tells reasoning by contiguous pieces, and that it is complete before text follows or at the end', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said } = run([...events, end]);
        let soFar = '';
        let open = false;
        for (const event of said) {
          if (event.type === 'reasoning.delta') {
            expect(event.offset).toBe(soFar.length);
            soFar += event.text;
            open = true;
            expect(reasoningPartialSchema.parse(event.soFar())).toMatchObject({ text: soFar });
          } else if (event.type === 'message.reasoning.completed') {
            expect(open).toBe(true);
            expect(event.data.text).toBe(soFar);
            const { promptId, turnId } = identity;
            expect(event.data).toMatchObject({ responseId: turnId, metadata: { promptId } });
            open = false;
          } else if (event.type === 'message.delta' || event.type === 'message.updated')
            expect(open).toBe(false);
        }
        expect(open).toBe(false);
        expect(soFar).toBe(textOf(events, 'answer.reasoning'));
      }),
      { numRuns: 400 },
    );
  });

  it('[PART4] ends with its status and what it cost, and streams until then', () => {
    fc.assert(
      fc.property(openAnswerEvents, answerEnd, (events, how) => {
        const { said } = run([...events, { type: 'answer.end', at: noon, ...how }]);
        for (const { data } of said.filter(pick('message.created'))) expect(data.status).toBe('streaming');
        for (const { data } of said.filter(pick('message.updated'))) {
          const { status, finishReason, model, usage } = data;
          expect({
            usage: {},
            ...JSON.parse(JSON.stringify({ status, finishReason, model, usage })),
          }).toEqual({
            usage: {},
            ...how,
          });
          expect(data).toMatchObject({ promptId: identity.promptId, parentId: identity.promptId });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] says only what the catalogue allows, and its snapshots are messages', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        for (const event of run(events).said) {
          if ('data' in event) expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
          if (event.type === 'message.delta') {
            expect(emittedSchema('message.updated').parse(event.soFar())).toEqual(event.soFar());
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] does as an actor what it does as a function', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said } = run(events);
        const live: Said[] = [];
        const turn = { send: (event: Said) => live.push(event) };
        const actor = createActor(answerLogic, { input: { ...identity, turn } });
        actor.on('*', (event) => live.push(event));
        actor.start();
        for (const event of events) actor.send(event);
        // The turn receives the opening while the step runs; emissions are sent after the step.
        const isTold = ({ type }: Said) => type.startsWith('answer.');
        expect(comparable(live.filter((event) => !isTold(event)))).toEqual(
          comparable(said.filter((event) => !isTold(event))),
        );
        expect(live.filter(isTold)).toEqual(said.filter(isTold));
      }),
      { numRuns: 100 },
    );
  });
});

describe('an answer that is restored from its message', () => {
  it('[APR5] [PART2] goes on exactly as if its actor had lived, in the middle of reasoning, too', () => {
    fc.assert(
      fc.property(openAnswerEvents, openAnswerEvents, (before, after) => {
        // A turn that waits for a person has told its answer of the calls.
        const first = [...before, noCalls];
        const lived = run(first);
        const message = stored(lived.said);
        if (message === null) return;
        const { reasoning, reasoningOpen } = lived.context;
        const restored = {
          ...restoredAnswer(message),
          reasoning: { text: joined(reasoning), open: reasoningOpen },
        };
        const whole = run([...first, ...after, end]).said.slice(lived.said.length);
        expect(comparable(run([...after, end], restored).said)).toEqual(comparable(whole));
      }),
      { numRuns: 400 },
    );
  });

  it('[TREE9] goes on behind its text when it had ended, as a further step, with what it cost before', () => {
    fc.assert(
      fc.property(openAnswerEvents, openAnswerEvents, answerEnd, (before, after, how) => {
        const message = stored(run([...before, { type: 'answer.end', at: noon, ...how }]).said);
        if (message === null) return;
        const reopen: AnswerEvent = { type: 'answer.reopen', at: noon };
        const { said } = run([reopen, ...after, end], restoredAnswer(message));
        const [again] = said;
        const { finishReason: _, ...kept } = message;
        expect(again).toMatchObject({
          type: 'message.updated',
          data: { ...kept, status: 'streaming', marks: expect.any(Array) },
        });
        const model = new PartsModel();
        for (const event of before) model.hear(event);
        model.end();
        const borders = model.parts.filter(({ type }) => type === 'step').length;
        if (model.parts.at(-1)?.type !== 'step') model.parts.push({ type: 'step', step: borders + 2 });
        for (const event of after) model.hear(event);
        model.end();
        const final = stored(said, message);
        expect(partsOf(final?.content ?? '', final?.marks ?? [])).toEqual(model.parts);
        expect(said.filter(pick('message.created'))).toEqual([]);
        // The process may end after it was reopened: the same turn reopens it once more.
        const twice = stored(run([reopen]).said.concat(run([reopen], restoredAnswer(message)).said), message);
        const third = stored(run([reopen], restoredAnswer(twice ?? message)).said, message);
        expect(third).toEqual(twice);
      }),
      { numRuns: 300 },
    );
  });

  it('[APR5] gives clients that join what there is of it', () => {
    fc.assert(
      fc.property(openAnswerEvents, (events) => {
        const lived = run([...events, noCalls, checkpoint]);
        const message = stored(lived.said);
        if (message === null) return;
        const { reasoning, reasoningOpen } = lived.context;
        const restored = {
          ...restoredAnswer(message),
          reasoning: { text: joined(reasoning), open: reasoningOpen },
        };
        const { said } = run([{ type: 'answer.resume', at: noon }], restored);
        const text = textOf(events, 'answer.text');
        const thought = textOf(events, 'answer.reasoning');
        expect(comparable(said)).toMatchObject([
          ...(reasoningOpen ? [{ text: '', offset: thought.length, soFar: { text: thought } }] : []),
          { type: 'message.delta', text: '', offset: text.length, soFar: message },
        ]);
      }),
      { numRuns: 200 },
    );
  });
});
