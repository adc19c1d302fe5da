/**
 * Client traces. Goal: a trace of a client begins once, ends once, takes each span once and none after its end;
 * repetitions change nothing and are answered alike. Method: generated commands through the pure machine, compared
 * with a small model; what is stored comes from the model, as the store would tell it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { clientTraceMachine } from '../../machines/client-trace.ts';
import type { TraceCommand } from '../../schema/client-trace.ts';
import type { CommandReply } from '../../schema/commands.ts';
import { type DomainEvent, emittedSchema } from '../../schema/event-catalogue.ts';
import { type CommandId, type SessionId, type SpanId, spanIdSchema, type TraceId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { Trace } from '../../schema/trace.ts';
import type { TraceSpan } from '../../schema/trace-span.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';

const theSession = idOf<SessionId>(idKinds.session, 1);
const id = idOf<TraceId>(idKinds.trace, 1);
const commandId = idOf<CommandId>(idKinds.command, 1);
const spanId = (place: number): SpanId => spanIdSchema.parse(idOf(idKinds.trace, 100 + place));

function span(place: number, name = 'work'): TraceSpan {
  const at = isoTimestamp(noon);
  const parentId = spanId(place + 1);
  return {
    ...{ id: spanId(place), traceId: id, parentId, name, status: 'ok' },
    ...{ startedAt: at, endedAt: at, attributes: { place } },
  };
}

type Said = DomainEvent | CommandReply;

function woken(stored: Trace | null = null, spans = 0) {
  let [snapshot] = initialTransition(clientTraceMachine, { id, stored, spans, sessionId: theSession });
  const send = (event: TraceCommand | { readonly type: 'session.gone' }): Said[] => {
    const [next, actions] = transition(clientTraceMachine, snapshot, event);
    snapshot = next;
    return actions.flatMap(({ params }) => {
      const said = params !== null && typeof params === 'object' ? Reflect.get(params, 'event') : undefined;
      return said === undefined ? [] : [said as Said];
    });
  };
  return { send, context: () => snapshot.context };
}

const stamp = { commandId, at: noon };
const creation = {
  type: 'trace.create',
  ...stamp,
  name: 'sweep',
  sessionId: theSession,
  metadata: {},
} as const;

const orders = fc.array(
  fc.oneof(
    fc.constant({ kind: 'create' as const }),
    fc.record({
      kind: fc.constant('append' as const),
      places: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }),
      name: fc.constantFrom('work', 'work', 'other'),
    }),
    fc.record({
      kind: fc.constant('finalise' as const),
      status: fc.constantFrom('completed' as const, 'failed' as const),
      error: fc.constantFrom(null, 'why'),
      at: fc.integer({ min: noon - 5, max: noon + 5 }),
    }),
    fc.constant({ kind: 'gone' as const }),
  ),
  { maxLength: 20 },
);

describe('a trace of a client', () => {
  it('[TRC1] [TRC8] [TRC10] [TRC12] begins and ends once, and takes each span once, before its end', () => {
    fc.assert(
      fc.property(orders, fc.boolean(), (given, wakesEachTime) => {
        let one = woken();
        const said: Said[] = [];
        const stored = new Map<SpanId, TraceSpan>();
        let trace: Trace | null = null;
        let isGone = false;
        for (const order of given) {
          if (wakesEachTime) {
            one = woken(trace, stored.size);
            if (isGone) one.send({ type: 'session.gone' });
          }
          const heard = ((): Said[] => {
            switch (order.kind) {
              case 'create':
                return one.send(creation);
              case 'gone':
                isGone = true;
                return one.send({ type: 'session.gone' });
              case 'finalise': {
                const error = order.status === 'failed' ? order.error : null;
                return one.send({ type: 'trace.finalise', ...stamp, ...order, error });
              }
              case 'append': {
                const spans = order.places.map((place) => span(place, order.name));
                const known = order.places.flatMap((place) => stored.get(spanId(place)) ?? []);
                return one.send({ type: 'trace.append', ...stamp, spans, stored: known });
              }
            }
          })();
          const replies = heard.filter(({ type }) => type.startsWith('command.'));
          expect(replies).toHaveLength(order.kind === 'gone' ? 0 : 1);
          expect(heard.at(-1)).toEqual(replies[0]);
          for (const event of heard) {
            if (event.type === 'command.accepted' || event.type === 'command.refused') continue;
            expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
            expect(event.lane).toBe(id);
            expect(event.sessionId).toBe(isGone ? null : theSession);
            if (event.type === 'trace.span.appended') {
              expect(trace?.status).toBe('running');
              expect(stored.has(event.data.id)).toBe(false);
              const { sessionId: _, origin: __, ...kept } = event.data;
              stored.set(kept.id, kept);
            } else if (event.type === 'trace.created' || event.type === 'trace.updated') {
              expect(event.type === 'trace.created').toBe(trace === null);
              expect(trace === null || trace.status === 'running').toBe(true);
              expect(event.data.durationMs ?? 0).toBeGreaterThanOrEqual(0);
              trace = event.data;
            }
          }
          said.push(...heard);
        }
        expect(said.filter(({ type }) => type === 'trace.created').length).toBeLessThanOrEqual(1);
        expect(said.filter(({ type }) => type === 'trace.updated').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('[TRC8] [TRC10] [TRC12] answers repetitions as before, and refuses what only looks like one', () => {
    const { send } = woken();
    const [, created] = send(creation);
    expect(send(creation)).toEqual([created]);
    expect(send({ ...creation, name: 'other' })).toMatchObject([{ refusal: { code: 'conflict' } }]);
    const append = (spans: TraceSpan[], stored: TraceSpan[] = []) =>
      send({ type: 'trace.append', ...stamp, spans, stored });
    const told = append([span(1), span(2)]);
    expect(told.map(({ type }) => type)).toEqual([
      ...['trace.span.appended', 'trace.span.appended', 'command.accepted'],
    ]);
    expect(append([span(1), span(2)], [span(1), span(2)])).toEqual([told[2]]);
    expect(append([span(1, 'other')], [span(1)])).toMatchObject([{ refusal: { code: 'conflict' } }]);
    const finalise = (status: 'completed' | 'failed') =>
      send({ type: 'trace.finalise', ...stamp, status, error: null });
    const [, ended] = finalise('completed');
    expect(finalise('completed')).toEqual([ended]);
    expect(finalise('failed')).toMatchObject([{ refusal: { code: 'conflict' } }]);
    expect(append([span(1), span(2)], [span(1), span(2)])).toEqual([told[2]]);
    expect(append([span(3)])).toMatchObject([
      { refusal: { code: 'conflict', message: `Trace ${id} is completed: nothing can be appended to it` } },
    ]);
  });

  it('[TRC11] takes as many spans as a trace may have, all of an append or none', () => {
    const { send, context } = woken();
    send(creation);
    const { send: full } = woken({ ...trace(), status: 'running' }, limits.traceSpansMax - 1);
    const append = (places: number[]) =>
      full({ type: 'trace.append', ...stamp, spans: places.map((place) => span(place)), stored: [] });
    expect(append([1, 2])).toMatchObject([
      { refusal: { message: 'A trace may have 10000 spans; this one has room for 1, not for 2' } },
    ]);
    expect(append([1])).toHaveLength(2);
    expect(append([2])).toMatchObject([{ refusal: { code: 'conflict' } }]);
    expect(context().spans).toBe(0);
  });

  it('[CMD1] keeps the answer of a named command before its reply', () => {
    const { send } = woken();
    const idempotency = { key: 'k', fingerprint: 'f' };
    expect(send({ ...creation, idempotency }).map(({ type }) => type)).toEqual([
      ...['trace.created', 'command.completed', 'command.accepted'],
    ]);
  });
});

function trace(): Trace {
  const at = isoTimestamp(noon);
  return { id, name: 'sweep', status: 'running', createdAt: at, updatedAt: at, origin: 'client' };
}
