/** A large tree of messages: what reads of its current branch, of places in it and of conversations take. */
import { z } from 'zod';
import type { TreeShape } from '../durable/message-tree.ts';
import type { StoreName } from '../durable/scratch-stores.ts';
import { byOthers, withDurableProcess } from './durable.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { watched } from './validity.ts';

type Tree = TreeShape & { readonly times: number };

const sizes: readonly Size<Tree>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { messages: 41, width: 4, times: 3 } },
  { name: '10000-deep', preset: true, repeatsMax: 1, parameters: { messages: 10_000, width: 1, times: 100 } },
  {
    name: '1000-wide',
    preset: true,
    repeatsMax: 1,
    parameters: { messages: 10_001, width: 1000, times: 100 },
  },
];
const stores: readonly StoreName[] = ['SQLite', 'PostgreSQL'];

export const messageTree: Scenario = {
  name: 'message-tree',
  title: 'A tree of messages: reads',
  metrics: [
    { key: 'newestPageMs', title: 'newest 50 messages', unit: 'ms', better: 'less' },
    { key: 'laterPageMs', title: '50 before', unit: 'ms', better: 'less' },
    { key: 'placeOfLastMs', title: 'place of the last question', unit: 'ms', better: 'less' },
    { key: 'placeOfFirstMs', title: 'of the first message', unit: 'ms', better: 'less' },
    { key: 'runsMs', title: 'newest 50 runs', unit: 'ms', better: 'less' },
    { key: 'conversationMs', title: 'conversation of 200', unit: 'ms', better: 'less' },
    { key: 'deletionMs', title: 'deleting all', unit: 'ms', better: 'less' },
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

async function run({ databaseUrl }: RunContext, store: StoreName, parameters: Tree): Promise<Figures> {
  return withDurableProcess(async (process) => {
    const question = { store, databaseUrl, ...parameters };
    const { value, starved } = await watched(process.pid, () =>
      process.ask('tree', question, z.record(z.string(), z.number())),
    );
    return { values: value, faults: [], invalid: [], starved: byOthers(store, starved) };
  });
}
