/** Density: the memory of connections, sessions and turns, and how fast actors start. */
import { z } from 'zod';
import { comparedSystems, type SystemName, systems } from '../systems/systems.ts';
import { withDurableProcess } from './durable.ts';
import { Rig } from './rig.ts';
import { type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';
import { watched } from './validity.ts';

type Density = { readonly connections: number } | { readonly sessions: number };

const sizes: readonly Size<Density>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { connections: 20 } },
  { name: 'smoke-sessions', preset: false, smoke: true, parameters: { sessions: 100 } },
  { name: 'connections', preset: true, repeatsMax: 1, parameters: { connections: 3000 } },
  { name: 'connections-10000', preset: false, repeatsMax: 1, parameters: { connections: 10_000 } },
  { name: 'sessions', preset: true, quick: ['actors'], parameters: { sessions: 3000 } },
];

export const density: Scenario = {
  name: 'density',
  title: 'Density',
  metrics: [
    {
      key: 'bytesPerConnection',
      title: 'server memory per idle subscriber',
      unit: 'B',
      better: 'less',
      counted: true,
    },
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

/** Growth of resident memory per connection after a garbage collection, not counting the first connections. */
async function connectionWeight(system: SystemName, connections: number): Promise<Figures> {
  const rig = await Rig.start(system);
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => Math.ceil(connections / 5));
    const before = await rig.residentBytes();
    await rig.subscribe(() => connections);
    const bytes = (await rig.residentBytes()) - before;
    return {
      values: { bytesPerConnection: Number.isNaN(bytes) ? null : bytes / connections },
      faults: [],
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
