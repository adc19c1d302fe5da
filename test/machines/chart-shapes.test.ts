/**
 * The charts for inspectors. Goal: a machine's states and transitions only change on purpose. Method: compares all
 * charts with a recorded snapshot (`npx vitest run test/machines -u`).
 */
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { machineCharts } from '../../machines/charts.ts';
import { machineChart } from '../../machines/machine-chart.ts';

it('[INS7] are what they were', async () => {
  const lines = machineCharts().flatMap(({ id, kind, states, transitions }) => [
    `${id}, a ${kind}`,
    ...[...states, ...transitions].map((one) => `  ${JSON.stringify(one)}`),
  ]);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('chart-shapes.snapshot');
});

it('[INS7] show what has no name, and what time triggers', () => {
  const named = () => true;
  const { states, transitions } = machineChart(
    createMachine({
      id: 'lamp',
      initial: 'on',
      states: {
        on: {
          entry: [() => {}],
          tags: ['bright'],
          invoke: { id: 'hum', src: 'humming' },
          after: {
            500: { guard: named, target: 'off', actions: { type: 'say' } },
            aWhile: { guard: [() => true][0], target: 'off' },
          },
          on: { press: [{ guard: () => true, actions: 'count' }, { target: 'off' }] },
        },
        off: { always: { guard: { type: 'isDay' }, target: 'on' } },
        dead: { type: 'parallel', states: { cold: {}, dark: {} } },
      },
    }),
  );
  expect(states.map(({ path, initial, tags }) => [path, initial, tags])).toEqual([
    ['', 'on', []],
    ['on', null, ['bright']],
    ['off', null, []],
    ['dead', null, []],
    ['dead.cold', null, []],
    ['dead.dark', null, []],
  ]);
  expect(states[1]?.invokes).toEqual([{ id: 'hum', src: 'humming' }]);
  expect(states.slice(0, 3).map(({ path, entry }) => [path, entry])).toEqual([
    ['', []],
    ['on', ['inline']],
    ['off', []],
  ]);
  expect(transitions).toMatchObject([
    { source: 'on', trigger: 'event', event: 'press', guard: 'guard', actions: ['count'], targets: [] },
    { source: 'on', trigger: 'event', event: 'press', guard: null, actions: [], targets: ['off'] },
    { source: 'on', trigger: 'after', delay: 500, guard: 'named', actions: ['say'], targets: ['off'] },
    { source: 'on', trigger: 'after', delay: 'aWhile', guard: 'inline', targets: ['off'] },
    { source: 'off', trigger: 'always', event: '', guard: 'isDay', targets: ['on'] },
  ]);
});
