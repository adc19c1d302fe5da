/**
 * Machine coverage. Goal: every state and transition of a machine can be reached, and no event in any state throws.
 * Method: fast-check draws walks over the states and events in the definitions; prints a table of what they reached. The
 * walks of a quick run are too few to ask whether they reached everything.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { machineCharts } from '../../machines/charts.ts';
import { cases } from '../effort.ts';
import { failureText, seedOfRun } from '../named-property.ts';
import { coverageText, machineCoverage, runMachineCoverage } from '../property/machine-coverage.ts';
import { MachineMap } from '../property/machine-map.ts';
import { walk, walkThrough } from '../property/machine-walk.ts';

it('[I4] [I5] [I6] [I7] [I8] every state and transition of every machine is reached, and nothing throws on the way', async () => {
  const seed = seedOfRun();
  const { runs, quickRuns = runs } = machineCoverage;
  const { verdict, maps } = await runMachineCoverage({ runs: cases({ quick: quickRuns, full: runs }), seed });
  process.stdout.write(`${coverageText(maps)}\n${verdict.counts['steps']} events, seed ${seed}\n`);
  if (verdict.failure !== null) throw new Error(failureText(verdict, verdict.failure));
  for (const { states, transitions } of maps) expect(states.size * transitions.size).toBeGreaterThan(0);
  // Every machine that has a chart for inspectors.
  expect(maps.map(({ name }) => name).toSorted()).toEqual(
    machineCharts()
      .map(({ id }) => id)
      .toSorted(),
  );
}, 180_000);

describe('the map of a machine', () => {
  const door = createMachine({
    id: 'door',
    initial: 'closed',
    context: { locked: false },
    states: {
      closed: { on: { open: { guard: ({ context }) => !context.locked, target: 'opening' }, look: {} } },
      opening: { always: 'open' },
      open: { on: { close: 'closed', burn: 'burnt', break: { actions: () => {} } } },
      burnt: { type: 'final' },
      dead: {},
    },
  });
  const words = new Map(['open', 'look', 'close', 'burn', 'break'].map((type) => [type, () => ({ type })]));
  const spoken = { machine: door, input: () => undefined, words };

  it('shows what no walk can reach', () => {
    const map = new MachineMap(door);
    for (const one of fc.sample(walk, { numRuns: 100, seed: 7 })) walkThrough(spoken, one, map, () => {});
    expect(map.unreached).toEqual(['dead']);
    expect([...map.descriptors]).toEqual(['open', 'look', 'close', 'burn', 'break']);
    expect([...map.transitions.keys()]).toEqual([
      'closed: open [guard] → opening',
      'closed: look → stays',
      'opening: always → open',
      'open: close → closed',
      'open: burn → burnt',
      'open: break → stays',
    ]);
  });

  it('shows what a walk has not reached yet', () => {
    const map = new MachineMap(door);
    const begin = { at: 0, number: 0, flag: false, text: '' };
    walkThrough(spoken, { begin, steps: [] }, map, () => {});
    expect(map.states.get('closed')).toBe(1);
    expect(map.unreached).toHaveLength(4 + 6);
  });

  it('fails where a machine throws, and says where', () => {
    const throwing = createMachine({
      id: 'brittle',
      initial: 'whole',
      states: { whole: { on: { hit: { guard: 'missing', target: 'whole' } } } },
    });
    const hits = {
      machine: throwing,
      input: () => undefined,
      words: new Map([['hit', () => ({ type: 'hit' })]]),
    };
    const dice = { at: 0, number: 0, flag: false, text: '' };
    const step = { pick: 0, patient: false, times: 1, probe: false, dice };
    const walked = () =>
      walkThrough(hits, { begin: dice, steps: [step] }, new MachineMap(throwing), () => {});
    expect(walked).toThrow(/missing/);
  });
});
