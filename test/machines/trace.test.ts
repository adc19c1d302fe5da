/**
 * Trace machine. Goal: `trace.created` first, statuses forward only, a terminal one last, `durationMs` never
 * negative (I6). Method: generated events and clocks through the pure `transition()`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type TraceEvent, type TraceInput, traceMachine } from '../../machines/trace.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import { traceSchema, traceStatuses } from '../../schema/trace.ts';
import { traceEvents, traceInput } from '../arbitraries/trace-events.ts';
import { effectsOf, emissionsOf, everyStateOf, VisitedStates } from '../machine-steps.ts';

type Said = DomainEventOf<'trace.created'> | DomainEventOf<'trace.updated'>;

function run(input: TraceInput, events: readonly TraceEvent[], visited?: VisitedStates) {
  visited?.start(traceMachine, input);
  const [initial, actions] = initialTransition(traceMachine, input);
  const effects = effectsOf(actions);
  let last = initial;
  for (const event of events) {
    // A finished actor receives nothing more.
    if (last.status !== 'active') break;
    visited?.step(traceMachine, last, event);
    const [after, caused] = transition(traceMachine, last, event);
    effects.push(...effectsOf(caused));
    last = after;
  }
  const said = emissionsOf(effects).filter(
    (event): event is Said => event.type === 'trace.created' || event.type === 'trace.updated',
  );
  expect(said).toHaveLength(effects.length);
  return { last, said };
}

/** The first event that can end it: a run must have started before it can complete. */
function endOf(input: TraceInput, events: readonly TraceEvent[]) {
  let running = input.status === 'running';
  for (const event of events) {
    if (event.type === 'trace.fail') return event;
    if (event.type === 'trace.complete' && running) return event;
    running ||= event.type === 'trace.start';
  }
  return undefined;
}

describe('a trace', () => {
  it('[TRC1] is created once and first, moves forward only, and says nothing after its end', () => {
    fc.assert(
      fc.property(traceInput, traceEvents, (input, events) => {
        const { said, last } = run(input, events);
        expect(last.status).not.toBe('error');
        expect(said.map(({ type }) => type)).toEqual(
          said.map((_, index) => (index === 0 && !input.announced ? 'trace.created' : 'trace.updated')),
        );
        const ranks = said.map(({ data }) => Math.min(2, traceStatuses.indexOf(data.status)));
        expect(ranks).toEqual([...new Set(ranks)].sort());
        expect(last.status === 'done').toBe(ranks.includes(2));
      }),
      { numRuns: 400 },
    );
  });

  it('[TRC4] does not say again what an earlier run of it has said', () => {
    fc.assert(
      fc.property(traceInput, (input) => {
        expect(run(input, []).said).toHaveLength(input.announced ? 0 : 1);
      }),
      { numRuns: 50 },
    );
  });

  it('[TRC2] has a duration once it ended, never negative, whatever the clock does', () => {
    fc.assert(
      fc.property(traceInput, traceEvents, (input, events) => {
        let updatedAt = input.at;
        for (const { data, at } of run(input, events).said) {
          expect(traceSchema.parse(data)).toEqual(data);
          expect(millisecondsOf(data.createdAt)).toBe(input.at);
          expect(millisecondsOf(data.updatedAt)).toBe(at);
          expect(at).toBeGreaterThanOrEqual(updatedAt);
          updatedAt = at;
          const ended = data.status === 'completed' || data.status === 'failed';
          expect(data.durationMs).toBe(ended ? at - input.at : undefined);
          expect('sessionId' in data).toBe(input.sessionId !== null);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[TRC3] keeps its metadata and adds what its end says', () => {
    fc.assert(
      fc.property(traceInput, traceEvents, (input, events) => {
        const { said, last } = run(input, events);
        const end = said.at(-1)?.data;
        if (last.status !== 'done' || end === undefined) return;
        const cause = endOf(input, events);
        expect(end.metadata).toEqual({
          ...input.metadata,
          ...(cause?.type === 'trace.fail' ? { error: cause.error } : cause?.metadata),
        });
        for (const { data } of said.slice(0, -1)) expect(data.metadata).toEqual(input.metadata);
      }),
      { numRuns: 400 },
    );
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const [input, events] of fc.sample(fc.tuple(traceInput, traceEvents), { numRuns: 200, seed: 7 }))
      run(input, events, visited);
    expect(visited.paths).toEqual(everyStateOf(traceMachine));
  });
});
