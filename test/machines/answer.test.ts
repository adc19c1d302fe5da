/**
 * Answer. Goal: the pieces that clients get, the checkpoints in the journal, and the final message all have the same
 * text (I4, I11). Method: generated events through the pure step; all emissions are recorded.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, getInitialSnapshot } from 'xstate';
import { type AnswerContext, type AnswerEvent, answerLogic, nextAnswer } from '../../machines/answer.ts';
import { type DomainEvent, emittedSchema, eventCatalogue } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { reasoningPartialSchema } from '../../schema/reasoning.ts';
import type { TextPiece } from '../../schema/text-piece.ts';
import { answerEvents } from '../arbitraries/answer-events.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';

type Said = DomainEvent | TextPiece | { readonly type: 'answer.opened' };

function run(events: readonly AnswerEvent[]) {
  const said: Said[] = [];
  const input = {
    sessionId: idOf<SessionId>(idKinds.session, 1),
    messageId: idOf<MessageId>(idKinds.answer, 1),
    agentId: 'rehearsal',
    turn: { send: (event: Said) => said.push(event) },
  };
  let context: AnswerContext = getInitialSnapshot(answerLogic, input).context;
  for (const event of events) context = nextAnswer(context, event, (emission) => said.push(emission));
  return { said, context };
}

/** The events that have an effect: those up to the first end. */
function heard(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
  const end = events.findIndex(({ type }) => type === 'answer.end');
  return end === -1 ? events : events.slice(0, end);
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

describe('an answer', () => {
  it('[MSG6] is created with its first text, grows by contiguous pieces and ends with its whole text', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said } = run(events);
        const text = textOf(events, 'answer.text');
        const created = said.filter(pick('message.created'));
        const deltas = said.filter(pick('message.delta'));
        const updated = said.filter(pick('message.updated'));
        expect(created.map(({ data }) => data.content)).toEqual(text === '' ? [] : [deltas[0]?.text]);
        let soFar = '';
        for (const delta of deltas) {
          expect(delta.offset).toBe(soFar.length);
          expect(delta.text).not.toBe('');
          soFar += delta.text;
        }
        expect(soFar).toBe(text);
        const ended = events.some(({ type }) => type === 'answer.end');
        expect(updated.map(({ data }) => data.content)).toEqual(ended && text !== '' ? [text] : []);
      }),
      { numRuns: 400 },
    );
  });

  it('[MSG6] says in order: created, opened to its turn, pieces, its end; and nothing after that', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const kinds = run(events)
          .said.map(({ type }) => type)
          .filter((type) => !type.startsWith('message.reasoning') && type !== 'reasoning.delta');
        const without = kinds.filter((type) => type !== 'message.delta' && type !== 'message.checkpoint');
        expect(['message.created', 'answer.opened', 'message.updated'].slice(0, without.length)).toEqual(
          without,
        );
        if (without.length === 3) expect(kinds.at(-1)).toBe('message.updated');
        if (kinds.length > 0)
          expect(kinds.slice(0, 3)).toEqual(['message.created', 'answer.opened', 'message.delta']);
        expect(run([...events, { type: 'answer.end', at: noon }, ...events]).said).toEqual(
          run([...events, { type: 'answer.end', at: noon }]).said.map((event) =>
            'soFar' in event ? { ...event, soFar: expect.any(Function) } : event,
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] keeps every earlier snapshot true while it grows', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        for (const delta of run(events).said.filter(pick('message.delta'))) {
          const { content } = delta.soFar();
          expect(content).toBe(textOf(events, 'answer.text').slice(0, delta.offset + delta.text.length));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG9] checkpoints every text once, without gaps, and never far behind', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const text = textOf(events, 'answer.text');
        let kept = '';
        let streamed = '';
        for (const event of run(events).said) {
          if (event.type === 'message.created') kept = event.data.content;
          if (event.type === 'message.delta') {
            // Checkpoints come between pieces, so the text may exceed one by a piece.
            expect(streamed.length - kept.length).toBeLessThan(limits.checkpointUnitsMax);
            streamed += event.text;
          }
          if (event.type === 'message.checkpoint') {
            expect(event.data.offset).toBe(kept.length);
            expect(event.data.text).not.toBe('');
            kept += event.data.text;
          }
          // The message is created with its first piece, which is streamed right after it.
          if (streamed !== '') expect(streamed.startsWith(kept)).toBe(true);
        }
        expect(text.startsWith(kept)).toBe(true);
        if (heard(events).at(-1)?.type === 'answer.checkpoint') expect(kept).toBe(text);
      }),
      { numRuns: 400 },
    );
  });

  it('[MSG10] tells reasoning by contiguous pieces, and that it is complete before text follows or at the end', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said } = run([...events, { type: 'answer.end', at: noon }]);
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
            open = false;
          } else if (event.type !== 'message.checkpoint') expect(open).toBe(false);
        }
        expect(open).toBe(false);
        expect(soFar).toBe(textOf(events, 'answer.reasoning'));
      }),
      { numRuns: 400 },
    );
  });

  it('[MSG6] says only what the catalogue allows, and its snapshots are messages', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        for (const event of run(events).said) {
          if ('data' in event) expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
          if (event.type === 'message.delta') {
            const { data } = eventCatalogue['message.partial'];
            expect(data.parse(event.soFar())).toEqual(event.soFar());
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[MSG6] does as an actor what it does as a function', () => {
    fc.assert(
      fc.property(answerEvents, (events) => {
        const { said, context } = run(events);
        const live: Said[] = [];
        const turn = { send: (event: Said) => live.push(event) };
        const { sessionId, messageId, agentId } = context;
        const actor = createActor(answerLogic, { input: { sessionId, messageId, agentId, turn } });
        actor.on('*', (event) => live.push(event));
        actor.start();
        for (const event of events) actor.send(event);
        // The turn receives the opening while the step runs; emissions are sent after the step.
        const emitted = (all: readonly Said[]) =>
          all.filter(({ type }) => type !== 'answer.opened').map((event) => ({ ...event, soFar: undefined }));
        expect(emitted(live)).toEqual(emitted(said));
        expect(live.filter(pick('answer.opened'))).toEqual(said.filter(pick('answer.opened')));
      }),
      { numRuns: 100 },
    );
  });
});
