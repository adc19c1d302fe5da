/** Connect storm: many clients connect at once; each is done when its server has greeted it or accepted its upgrade. */
import { comparedSystems, type SystemName, systems } from '../systems/systems.ts';
import { Rig } from './rig.ts';
import { type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';
import { clientCpuShareMax, watched } from './validity.ts';

type Storm = { readonly clients: number; readonly atOnce: number };

const sizes: readonly Size<Storm>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { clients: 5, atOnce: 5 } },
  { name: '1000', preset: true, repeatsMax: 2, parameters: { clients: 1000, atOnce: 500 } },
  { name: '5000', preset: false, parameters: { clients: 5000, atOnce: 500 } },
];
const warmUpClients = 100;

export const connectStorm: Scenario = {
  name: 'connect-storm',
  title: 'Connect storm',
  metrics: [
    { key: 'connectionsPerSecond', title: 'subscribers/s', unit: '', better: 'more' },
    { key: 'p50Ms', title: 'until ready p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'p99', unit: 'ms', better: 'less' },
    { key: 'cpuMicroseconds', title: 'server CPU each', unit: 'µs', better: 'less', ofProcessor: true },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (storm) =>
    comparedSystems.map((name) => ({ name, title: systems[name].title, run: () => run(name, storm) })),
  ),
};

async function run(system: SystemName, { clients, atOnce }: Storm): Promise<Figures> {
  const rig = await Rig.start(system);
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => Math.min(clients, warmUpClients));
    const cpuBefore = rig.cpuMs();
    const { value: opened, starved } = await watched(rig.server.pid, () =>
      rig.subscribe(() => clients, { atOnce }),
    );
    const cpuMs = rig.cpuMs() - cpuBefore;
    const serverIsFull = cpuMs / opened.wallMs > clientCpuShareMax;
    return {
      values: {
        connectionsPerSecond: (clients / opened.wallMs) * 1000,
        p50Ms: opened.latency.p50Ms,
        p99Ms: opened.latency.p99Ms,
        cpuMicroseconds: Number.isNaN(cpuMs) ? null : (cpuMs * 1000) / clients,
        clientCpuShare: opened.clientCpuShare * 100,
      },
      faults: [],
      invalid:
        opened.clientCpuShare > clientCpuShareMax && !serverIsFull
          ? [
              'the client was saturated: how fast it connects says nothing; the processor time of the server does',
            ]
          : [],
      starved,
    };
  } finally {
    await rig.stop();
  }
}
