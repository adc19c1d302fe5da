/**
 * A session and everything below it, live. Goal: I1 and I4–I8 over all emissions of a session's actors. Method:
 * generated interleavings of commands, pieces of answers and ends of tools, with tools that sometimes end at once,
 * fail at once or throw; all emissions are recorded in order.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';
import { emittedSchema, eventCatalogue } from '../../schema/event-catalogue.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import { type LivePlan, livePlan } from '../arbitraries/live-steps.ts';
import { cases } from '../effort.ts';
import { type LiveRun, runLive } from './live-session.ts';

/** Runs `check` on generated runs. */
function always(check: (run: LiveRun) => void): void {
  fc.assert(
    fc.property(livePlan, (plan) => {
      const begun: LivePlan = { ...plan, steps: [create, ...plan.steps] };
      check(runLive(begun));
    }),
    { numRuns: cases({ quick: 60, full: 200 }) },
  );
}

const create = {
  kind: 'command',
  command: { type: 'session.create', title: 'A title', description: undefined, at: 0, named: false },
} as const;

const pick =
  <Type extends Emission['type']>(...types: Type[]) =>
  (event: Emission): event is Extract<Emission, { type: Type }> =>
    types.some((type) => type === event.type);

function isEvent(event: Emission): event is DomainEvent {
  return event.type in eventCatalogue;
}

/** The emissions from the start of each turn to its end, both included. */
function turnsOf(emissions: readonly Emission[]): readonly (readonly Emission[])[] {
  return emissions.flatMap((event, index) => {
    if (event.type !== 'turn.started') return [];
    const { turnId } = event.data;
    const end = emissions.findIndex((other) => other.type === 'turn.ended' && other.data.turnId === turnId);
    return [emissions.slice(index, end + 1)];
  });
}

describe('a live session, whatever happens around it', () => {
  it('[SES1] never crashes, says session.created first and nothing after session.deleted', () => {
    always(({ emissions, crash, deleted }) => {
      expect(crash).toBeNull();
      expect(emissions[0]?.type).toBe('session.created');
      const events = emissions.filter((event) => isEvent(event) && event.type !== 'command.completed');
      const end = emissions.findIndex(({ type }) => type === 'session.deleted');
      expect(end !== -1).toBe(deleted);
      if (deleted) {
        expect(events.at(-1)?.type).toBe('session.deleted');
        for (const { type } of emissions.slice(end + 1))
          expect(type).toMatch(/^command\.(completed|accepted)$/);
      }
      for (const event of events)
        if (isEvent(event)) expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
    });
  });

  it('[SES2] answers every command once, in the order in which they came, deletion apart', () => {
    always(({ emissions, commands, deleted }) => {
      const replies = emissions.filter(pick('command.accepted', 'command.refused'));
      expect(replies.map(({ commandId }) => commandId).toSorted()).toEqual(commands.toSorted());
      const inOrder = deleted ? replies.slice(0, -1) : replies;
      expect(inOrder.map(({ commandId }) => commandId)).toEqual(
        commands.filter((id) => inOrder.some(({ commandId }) => commandId === id)),
      );
    });
  });

  it('[SES3] moves updatedAt with every change', () => {
    always(({ emissions }) => {
      const moves = emissions
        .filter(pick('session.created', 'session.updated'))
        .map(({ data }) => millisecondsOf(data.updatedAt));
      expect(moves).toEqual([...new Set(moves)].sort((one, other) => one - other));
    });
  });

  it('[MSG2] [TREE6] runs its turns one at a time, the one with the least rank first, and ends every one', () => {
    always(({ emissions, deleted }) => {
      const waiting = new Map<string, number>();
      const begun = new Set<string>();
      const ended = new Set<string>();
      let running: string | null = null;
      for (const event of emissions) {
        if (event.type === 'turn.queued') {
          const { turnId, rank = Number.NaN } = event.data;
          expect(begun.has(turnId) || ended.has(turnId)).toBe(false);
          waiting.delete(turnId);
          expect([...waiting.values()]).not.toContain(rank);
          waiting.set(turnId, rank);
        }
        if (event.type === 'turn.started') {
          const { turnId } = event.data;
          expect(running).toBeNull();
          expect(waiting.get(turnId)).toBe(Math.min(...waiting.values()));
          waiting.delete(turnId);
          begun.add(turnId);
          running = turnId;
        }
        if (event.type === 'turn.ended') {
          const { turnId } = event.data;
          expect(turnId === running || waiting.delete(turnId)).toBe(true);
          expect(ended.has(turnId)).toBe(false);
          ended.add(turnId);
          if (turnId === running) running = null;
        }
      }
      expect(running).toBeNull();
      // A parked session leaves queued turns to the next process; any other has none left here.
      if (deleted) expect(waiting.size).toBe(0);
    });
  });

  it('[MSG6] [TREE9] tells each answer as created, contiguous pieces, then its whole text; and so when it goes on', () => {
    always(({ emissions }) => {
      const texts = new Map<string, { text: string; isOpen: boolean }>();
      for (const event of emissions) {
        if (event.type === 'message.created' && event.data.promptId !== undefined) {
          expect(texts.has(event.data.id)).toBe(false);
          expect(event.data.role).toBe('assistant');
          expect(event.data.status).toBeOneOf(['streaming', 'failed']);
          texts.set(event.data.id, { text: '', isOpen: true });
        }
        if (event.type === 'message.delta') {
          const answer = texts.get(event.messageId);
          expect(answer?.isOpen).toBe(true);
          expect(event.offset).toBe(answer?.text.length);
          const text = (answer?.text ?? '') + event.text;
          texts.set(event.messageId, { text, isOpen: true });
          expect(event.soFar().content).toBe(text);
        }
        if (event.type === 'message.updated' && event.data.promptId !== undefined) {
          const goesOn = event.data.status === 'streaming';
          expect(texts.get(event.data.id)).toEqual({ text: event.data.content, isOpen: !goesOn });
          texts.set(event.data.id, { text: event.data.content, isOpen: goesOn });
        }
      }
      for (const { isOpen } of texts.values()) expect(isOpen).toBe(false);
    });
  });

  it('[MSG7] follows every message at once with session.updated', () => {
    always(({ emissions }) => {
      for (const [index, event] of emissions.entries())
        if (event.type === 'message.created') expect(emissions[index + 1]?.type).toBe('session.updated');
    });
  });

  it('[MSG8] [PART4] closes everything a turn opened before turn.ended, and leaves the agent idle', () => {
    always(({ emissions }) => {
      for (const turn of turnsOf(emissions)) {
        const end = turn.at(-1);
        const { outcome } = (end as DomainEventOf<'turn.ended'>).data;
        const states = turn.filter(pick('agent.activity')).map(({ data }) => data.state);
        expect(states[0]).toBe('thinking');
        expect(states.slice(outcome === 'failed' ? -2 : -1)).toEqual(
          outcome === 'failed' ? ['error', 'idle'] : ['idle'],
        );
        expect(states.filter((state) => state === 'idle')).toHaveLength(1);
        const traced = turn.filter(pick('trace.updated')).map(({ data }) => data.status);
        expect(traced).toEqual([outcome === 'completed' ? 'completed' : 'failed']);
        const calls = turn.filter(pick('tool.call')).map(({ data }) => data.id);
        const results = turn.filter(pick('tool.result')).map(({ data }) => data.id);
        expect(results.toSorted()).toEqual(calls.toSorted());
        const answers = turn
          .filter(pick('message.created', 'message.updated'))
          .filter(({ data }) => data.promptId !== undefined);
        const statuses = answers.map(({ data }) => data.status);
        const ends = outcome === 'completed' ? ['complete', 'cut-off'] : [outcome];
        // A turn may end without a word, unless it fails.
        if (outcome === 'failed') expect(statuses).toHaveLength(2);
        if (statuses.length > 0)
          expect(statuses).toEqual([expect.toBeOneOf(['streaming', 'failed']), expect.toBeOneOf(ends)]);
      }
      // Outside of turns, every emission belongs to a command.
      const inside = turnsOf(emissions).flatMap((turn) => turn.filter(pick('agent.activity', 'tool.result')));
      expect(inside).toEqual(emissions.filter(pick('agent.activity', 'tool.result')));
    });
  });

  it('[TOOL2] says tool.call before the one tool.result of each call', () => {
    always(({ emissions }) => {
      const open = new Set<string>();
      const known = new Set<string>();
      for (const event of emissions) {
        if (event.type === 'tool.call') {
          expect(known.has(event.data.id)).toBe(false);
          known.add(event.data.id);
          open.add(event.data.id);
        }
        if (event.type === 'tool.result') expect(open.delete(event.data.id)).toBe(true);
      }
      expect(open).toEqual(new Set());
    });
  });

  it('[TOOL1] gives the model the results in call order, whatever order the tools ended in', () => {
    always(({ emissions, modelCalls }) => {
      for (const { promptId, step, results } of modelCalls) {
        expect(step === 1).toBe(results.length === 0);
        const ids = results.map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted());
        for (const call of results) {
          const said = emissions.filter(pick('tool.result')).find(({ data }) => data.id === call.id);
          expect(said?.record.result, promptId).toBe(call.result);
          expect(said?.data.status).toBe(call.status);
        }
      }
    });
  });

  it('[TRC1] creates each trace once, before its only and terminal update', () => {
    always(({ emissions }) => {
      const traces = Map.groupBy(
        emissions.filter(pick('trace.created', 'trace.updated')),
        ({ data }) => data.id,
      );
      expect(traces.size).toBe(emissions.filter(pick('turn.started')).length);
      for (const said of traces.values()) {
        expect(said.map(({ type }) => type)).toEqual(['trace.created', 'trace.updated']);
        expect(said[1]?.data.durationMs).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('is not vacuous: the generated runs answer, use tools, fail, cancel, interrupt and delete', () => {
    const seen = new Map<string, number>();
    for (const plan of fc.sample(livePlan, { numRuns: 200, seed: 7 })) {
      for (const event of runLive({ ...plan, steps: [create, ...plan.steps] }).emissions) {
        const names = [
          event.type,
          ...('data' in event && 'outcome' in event.data ? [event.data.outcome] : []),
        ];
        for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
      }
    }
    for (const name of [
      'completed',
      'failed',
      'cancelled',
      'interrupted',
      'session.deleted',
      'message.checkpoint',
      'message.reasoning.completed',
      'tool.result',
      'turn.step.started',
      'command.refused',
      'command.completed',
    ])
      expect(seen.get(name) ?? 0, name).toBeGreaterThanOrEqual(10);
  });
});
