/**
 * Abusers: how much later the events of well-behaved principals come when others ask for far more than their limits
 * allow. Both rounds have the same server settings and the same processes.
 */
import { z } from 'zod';
import { abuseToldSchema } from '../client/abuse.ts';
import { latencySchema } from '../client/latencies.ts';
import { clientCpu, MeasuredProcess } from '../process/measured-process.ts';
import { Rig } from './rig.ts';
import { type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';
import { clientCpuShareMax, watched } from './validity.ts';

type Crowd = {
  readonly people: number;
  readonly abusers: number;
  readonly warmUpMs: number;
  readonly ms: number;
};

const sizes: readonly Size<Crowd>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { people: 2, abusers: 2, warmUpMs: 100, ms: 500 },
  },
  { name: '20', preset: true, parameters: { people: 50, abusers: 10, warmUpMs: 5000, ms: 20_000 } },
];

const commandsPerSecond = 2;
const socketsOfAbuser = 50;
/** What the operator allows a principal; an abuser asks for more. */
const allowed = {
  principalRequestsPerMinuteMax: 600,
  principalCommandsPerMinuteMax: 120,
  principalSocketsMax: socketsOfAbuser,
};
const abuse = { lists: 100, commands: 40, sockets: 10, resumes: 2, wrongKeys: 10 };
const abusersProgram = new URL('../client/abuse.ts', import.meta.url);

const behavedSchema = z.object({
  latency: latencySchema,
  clientCpuShare: z.number(),
  faults: z.array(z.string()),
});

export const abusers: Scenario = {
  name: 'abusers',
  title: 'Abusers at their limits beside well-behaved principals',
  metrics: [
    { key: 'p99Ms', title: 'command to event p99', unit: 'ms', better: 'less' },
    { key: 'p50Ms', title: 'p50', unit: 'ms', better: 'less' },
    { key: 'accepted', title: 'requests of abusers that were accepted', unit: '', better: 'less' },
    { key: 'refused', title: 'that were refused', unit: '', better: 'more' },
    { key: 'serverCpuShare', title: 'server CPU', unit: '%', better: 'less' },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
    { key: 'abuserCpuShare', title: 'abusers CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (crowd) => [
    { name: 'alone', title: 'without abusers', run: () => run(crowd, 0) },
    { name: 'abused', title: 'with abusers', run: () => run(crowd, crowd.abusers) },
  ]),
};

async function run({ people, abusers: most, warmUpMs, ms }: Crowd, count: number): Promise<Figures> {
  const peopleKeys = Array.from({ length: people }, (_, index) => `person-${index}`);
  const abuserKeys = Array.from({ length: most }, (_, index) => `abuser-${index}`);
  const apiKeys = [...peopleKeys, ...abuserKeys].map((key) => ({
    key,
    name: key,
    scopes: ['chat' as const],
  }));
  const rig = await Rig.start('callboard-v1', { apiKeys, ...allowed });
  const started = await MeasuredProcess.start(abusersProgram, {
    cpu: clientCpu,
    // The clients that are measured run on the same processor.
    yields: true,
    argument: null,
    ready: z.null(),
  });
  try {
    const load = {
      port: rig.port,
      keys: abuserKeys.slice(0, count),
      perSecond: abuse,
      idleSockets: socketsOfAbuser,
    };
    await started.process.ask('start', load, z.null());
    const cpuBefore = rig.cpuMs();
    const question = { port: rig.port, keys: peopleKeys, perSecond: commandsPerSecond, warmUpMs, ms };
    const { value: behaved, starved } = await watched(rig.server.pid, () =>
      rig.client.ask('wellBehaved', question, behavedSchema, ms + 60_000),
    );
    const serverCpuMs = rig.cpuMs() - cpuBefore;
    const told = await started.process.ask('stop', null, abuseToldSchema);
    const accepted = ['101', '200', '201'].reduce((sum, status) => sum + (told.statuses[status] ?? 0), 0);
    const all = Object.values(told.statuses).reduce((sum, each) => sum + each, 0);
    return {
      values: {
        p99Ms: behaved.latency.p99Ms,
        p50Ms: behaved.latency.p50Ms,
        accepted,
        refused: all - accepted,
        serverCpuShare: (serverCpuMs / (warmUpMs + ms)) * 100,
        clientCpuShare: behaved.clientCpuShare * 100,
        abuserCpuShare: told.cpuShare * 100,
      },
      faults: behaved.faults,
      invalid:
        behaved.clientCpuShare + told.cpuShare > clientCpuShareMax
          ? ['the processor of the clients was saturated, and they were late for that reason alone']
          : [],
      starved,
    };
  } finally {
    await started.process.stop();
    await rig.stop();
  }
}
