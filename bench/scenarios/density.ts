/** Density: the memory of connections, sessions and turns, and how fast actors start. */
import { z } from 'zod';
import { whyTooFewFiles } from '../process/open-files.ts';
import { comparedSystems, type SystemName, systems } from '../systems/systems.ts';
import { withDurableProcess } from './durable.ts';
import { type Memory, Rig } from './rig.ts';
import { type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';
import { watched } from './validity.ts';

type Density = { readonly connections: number } | { readonly sessions: number };

const sizes: readonly Size<Density>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { connections: 20 } },
  { name: 'smoke-sessions', preset: false, smoke: true, parameters: { sessions: 100 } },
  { name: 'connections-3000', preset: false, repeatsMax: 1, parameters: { connections: 3000 } },
  { name: 'connections-10000', preset: true, repeatsMax: 1, parameters: { connections: 10_000 } },
  { name: 'sessions', preset: true, quick: ['actors'], parameters: { sessions: 3000 } },
];

/** What a process opens beside the connections that are measured. */
const otherFiles = 300;

export const density: Scenario = {
  name: 'density',
  title: 'Density',
  metrics: [
    { key: 'bytesPerConnection', title: 'Rss per idle subscriber', unit: 'B', better: 'less', counted: true },
    { key: 'proportionalBytesPerConnection', title: 'Pss', unit: 'B', better: 'less', counted: true },
    { key: 'heapBytesPerConnection', title: 'heap', unit: 'B', better: 'less', counted: true },
    { key: 'bytesPerSession', title: 'heap per idle live session', unit: 'B', better: 'less', counted: true },
    { key: 'bytesPerTurn', title: 'heap per running turn', unit: 'B', better: 'less', counted: true },
    { key: 'sessionsPerSecond', title: 'sessions started/s', unit: '', better: 'more' },
    { key: 'turnActorsPerSecond', title: 'actors of turns started/s', unit: '', better: 'more' },
  ],
  sizes: sizesOf(sizes, (what) =>
    'connections' in what
      ? comparedSystems.map((name) => ({
          name,
          title: systems[name].title,
          run: () => connectionWeight(name, what.connections),
        }))
      : [{ name: 'actors', title: 'Callboard', run: () => sessionWeight(what.sessions) }],
  ),
};

/**
 * Growth of the server's memory per connection after a garbage collection, not counting the first connections: those make
 * the server allocate what it needs anyhow, and with a few thousand of them that is most of what there is to see.
 */
async function connectionWeight(system: SystemName, connections: number): Promise<Figures> {
  const first = Math.ceil(connections / 5);
  const sockets = (connections + first) * systems[system].paths('').length;
  const openFiles = sockets + otherFiles;
  const tooFew = whyTooFewFiles(openFiles);
  if (tooFew !== undefined) return { values: {}, faults: [], invalid: [tooFew] };
  const rig = await Rig.start(system, {}, { openFiles });
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => first);
    const before = await rig.memory();
    await rig.subscribe(() => connections);
    const after = await rig.memory();
    const each = (kind: keyof Memory) => {
      const bytes = (after[kind] - before[kind]) / connections;
      return Number.isNaN(bytes) ? null : bytes;
    };
    const lost = await rig.client.ask('lost', null, z.number());
    return {
      values: {
        bytesPerConnection: each('resident'),
        proportionalBytesPerConnection: each('proportional'),
        heapBytesPerConnection: each('heap'),
      },
      faults: lost === 0 ? [] : [`${lost} subscribers lost their connection`],
      invalid: [],
    };
  } finally {
    await rig.stop();
  }
}

const weightSchema = z.object({
  bytesPerSession: z.number(),
  bytesPerTurn: z.number(),
  sessionsPerSecond: z.number(),
  turnActorsPerSecond: z.number(),
});

async function sessionWeight(count: number): Promise<Figures> {
  return withDurableProcess(async (process) => {
    const { value, starved } = await watched(process.pid, () =>
      process.ask('sessions', { count }, weightSchema),
    );
    return { values: value, faults: [], invalid: [], starved };
  });
}
