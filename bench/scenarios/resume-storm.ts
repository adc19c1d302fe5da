/** Resume storm: clients of `callboard.v1` that missed the same events reconnect at once. No peer can resume. */
import { z } from 'zod';
import { latencySchema } from '../client/latencies.ts';
import { systems } from '../systems/systems.ts';
import { Rig } from './rig.ts';
import { type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';
import { watched } from './validity.ts';

type Storm = { readonly clients: number; readonly missed: number; readonly calmProbes: number };

const sizes: readonly Size<Storm>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { clients: 5, missed: 10, calmProbes: 5 } },
  { name: '1000', preset: true, parameters: { clients: 1000, missed: 100, calmProbes: 200 } },
  { name: '5000', preset: false, parameters: { clients: 5000, missed: 100, calmProbes: 200 } },
];

const stormSchema = z.object({
  wallMs: z.number(),
  eventsPerSecond: z.number(),
  caughtUp: latencySchema,
  calm: latencySchema,
  during: latencySchema,
  clientCpuShare: z.number(),
  lost: z.number(),
});

export const resumeStorm: Scenario = {
  name: 'resume-storm',
  title: 'Resume storm: each client has missed 100 events',
  metrics: [
    { key: 'eventsPerSecond', title: 'events/s', unit: '', better: 'more' },
    { key: 'wallMs', title: 'all caught up', unit: 'ms', better: 'less' },
    { key: 'caughtUpP99Ms', title: 'one client p99', unit: 'ms', better: 'less' },
    { key: 'calmP99Ms', title: 'live event p99 before', unit: 'ms', better: 'less' },
    { key: 'duringP99Ms', title: 'live event p99 during', unit: 'ms', better: 'less' },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (storm) => [
    { name: 'callboard-v1', title: systems['callboard-v1'].title, run: () => run(storm) },
  ]),
};

async function run(storm: Storm): Promise<Figures> {
  const rig = await Rig.start('callboard-v1');
  try {
    await rig.createSessions(1);
    const question = { ...storm, port: rig.port, sessionId: rig.sessions[0] };
    const { value: told, starved } = await watched(rig.server.pid, () =>
      rig.client.ask('resumeStorm', question, stormSchema),
    );
    return {
      values: {
        eventsPerSecond: told.eventsPerSecond,
        wallMs: told.wallMs,
        caughtUpP99Ms: told.caughtUp.p99Ms,
        calmP99Ms: told.calm.p99Ms,
        duringP99Ms: told.during.p99Ms,
        clientCpuShare: told.clientCpuShare * 100,
      },
      faults:
        told.lost > 0 ? [`${told.lost} clients did not get what they had missed, once and in order`] : [],
      // Client and server take turns here, and each client parses 100 events as JSON, so the client's share says
      // little.
      invalid: [],
      starved,
    };
  } finally {
    await rig.stop();
  }
}
