/** Stored sessions: how long a start takes, its memory, and how long a session takes to wake, for a given store. */
import { z } from 'zod';
import type { StoreName } from '../durable/scratch-stores.ts';
import { byOthers, withDurableProcess } from './durable.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { watched } from './validity.ts';

type Stored = { readonly sessions: number; readonly woken: number };

const sizes: readonly Size<Stored>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { sessions: 10, woken: 5 } },
  { name: '1000', preset: true, repeatsMax: 1, parameters: { sessions: 1000, woken: 500 } },
  { name: '100000', preset: false, repeatsMax: 1, parameters: { sessions: 100_000, woken: 1000 } },
];
const stores: readonly StoreName[] = ['SQLite', 'PostgreSQL'];

export const stored: Scenario = {
  name: 'stored',
  title: 'Stored sessions: start-up and waking',
  metrics: [
    { key: 'readyMs', title: 'listens after', unit: 'ms', better: 'less' },
    { key: 'residentMegabytes', title: 'resident memory', unit: 'MB', better: 'less', counted: true },
    { key: 'asleepMsP50', title: 'command to a sleeping session p50', unit: 'ms', better: 'less' },
    { key: 'asleepMsP99', title: 'p99', unit: 'ms', better: 'less' },
    { key: 'awakeMsP50', title: 'to an awake one p50', unit: 'ms', better: 'less' },
    { key: 'awakeMsP99', title: 'p99', unit: 'ms', better: 'less' },
  ],
  sizes: sizesOf(sizes, (parameters) =>
    stores.map((store) => ({
      name: store,
      title: store,
      needsDatabase: store === 'PostgreSQL',
      run: (context) => run(context, store, parameters),
    })),
  ),
};

async function run({ databaseUrl }: RunContext, store: StoreName, parameters: Stored): Promise<Figures> {
  return withDurableProcess(async (process) => {
    const question = { store, databaseUrl, ...parameters };
    const { value, starved } = await watched(process.pid, () =>
      process.ask('stored', question, z.record(z.string(), z.number())),
    );
    return { values: value, faults: [], invalid: [], starved: byOthers(store, starved) };
  });
}
