/**
 * Charts. Goal: the chart equals the running machine ([INS7]). Method: each chart is compared with XState's own
 * description of the machine, and must contain every transition that generated sessions take.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { SessionReplay } from '../../actors/replay/session-replay.ts';
import { machineCharts } from '../../machines/charts.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import { connectionEvents, nextConnection } from '../../machines/connection.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { traceMachine } from '../../machines/trace.ts';
import { turnMachine } from '../../machines/turn.ts';
import { type ChartTransition, type MachineChart, machineChartsSchema } from '../../schema/machine-chart.ts';
import { livePlan } from '../arbitraries/live-steps.ts';
import { theSession } from '../arbitraries/session-commands.ts';
import { everyStateOf } from '../machine-steps.ts';
import { runLive } from './live-session.ts';

function chart(id: string): MachineChart {
  const found = machineCharts().find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no chart ${id}`);
  return found;
}

const create = {
  kind: 'command',
  command: { type: 'session.create', title: 'A title', description: undefined, at: 0, named: false },
} as const;

const machines: readonly AnyStateMachine[] = [chatSessionMachine, turnMachine, toolCallMachine, traceMachine];

describe('charts', () => {
  it('[INS7] keep to their schema, with ids that are unique and references that lead somewhere', () => {
    expect(machineChartsSchema.safeParse({ machines: machineCharts() }).error).toBeUndefined();
    for (const { id, states, transitions } of machineCharts()) {
      const paths = states.map(({ path }) => path);
      expect(new Set(paths).size, id).toBe(paths.length);
      const ids = transitions.map((one) => one.id);
      expect(new Set(ids).size, id).toBe(ids.length);
      for (const { source, targets } of transitions) {
        for (const path of [source, ...targets]) expect(paths, id).toContain(path);
      }
      for (const { parent, initial } of states) {
        if (parent !== null) expect(paths, id).toContain(parent);
        if (initial !== null) expect(paths, id).toContain(initial);
      }
    }
  });

  it.each(machines.map((machine) => [machine.id, machine] as const))(
    '[INS7] have every state, event, action and guard of %s, and nothing else',
    (id, machine) => {
      const { states, transitions } = chart(id);
      expect(new Set(states.map(({ path }) => path).filter((path) => path !== ''))).toEqual(
        everyStateOf(machine),
      );
      expect(
        new Set(transitions.filter(({ trigger }) => trigger === 'event').map(({ event }) => event)),
      ).toEqual(new Set(machine.events.filter((event) => !event.startsWith('xstate.'))));
      const used = new Set([
        ...transitions.flatMap(({ actions }) => actions),
        ...states.flatMap(({ entry, exit }) => [...entry, ...exit]),
      ]);
      expect(used).toEqual(new Set(Object.keys(machine.implementations.actions)));
      const guards = transitions.flatMap(({ guard }) => guard ?? []);
      expect(new Set(guards)).toEqual(new Set(Object.keys(machine.implementations.guards)));
    },
  );

  it('[INS7] name every transition that sessions take', () => {
    const known = new Set(machineCharts().flatMap(({ transitions }) => transitions.map(({ id }) => id)));
    const taken = new Set<string>();
    fc.assert(
      fc.property(livePlan, (plan) => {
        const { journal } = runLive({ ...plan, steps: [create, ...plan.steps] });
        for (const { views } of new SessionReplay(theSession, journal).steps()) {
          for (const { view } of views()) for (const id of view.transitions) taken.add(id);
        }
      }),
      { numRuns: 20 },
    );
    expect(taken.size).toBeGreaterThan(8);
    for (const id of taken) expect(known).toContain(id);
  });

  it('[INS7] of folds say what the function does with every event in every state', () => {
    const { states, transitions } = chart('connection');
    const phases = states.map(({ path }) => path).filter((path) => path !== '');
    const found = (phase: string, event: string): ChartTransition | undefined =>
      transitions.find((one) => one.source === phase && one.event === event);
    for (const phase of ['live', 'catchingUp', 'behind', 'closed'] as const) {
      expect(phases).toContain(phase);
      for (const event of connectionEvents) {
        const [next, orders] = nextConnection(phase, event);
        const drawn = found(phase, event);
        expect(drawn?.targets[0] ?? phase).toBe(next);
        expect(drawn?.actions ?? []).toEqual(orders);
      }
    }
    const answer = chart('answer').transitions.map(({ id, targets }) => `${id} ${targets[0] ?? ''}`.trim());
    expect(answer).toContain('empty:answer.text:0 streaming');
    expect(answer).toContain('reasoning:answer.text:0 streaming');
    expect(answer).toContain('streaming:answer.end:0 ended');
  });
});
