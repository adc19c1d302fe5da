/**
 * Soak: people use the server for a long time, and sessions and sockets come and go. Whether memory levels off, and whether
 * answers begin as soon at the end as at the beginning.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { latencySchema } from '../client/latencies.ts';
import { residentBytes } from '../process/usage.ts';
import { Rig } from './rig.ts';
import { type Figures, type Scenario, type Series, type Size, sizesOf } from './scenario.ts';
import { slopeOf } from './slope.ts';
import { clientCpuShareMax, watched } from './validity.ts';

type SoakSize = {
  readonly users: number;
  /** Of all users together. */
  readonly turnsPerSecond: number;
  readonly seconds: number;
  /** How often latency and heap are told. */
  readonly everySeconds: number;
};

const load = { users: 12, turnsPerSecond: 25 } as const;
const sizes: readonly Size<SoakSize>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { users: 3, turnsPerSecond: 6, seconds: 2, everySeconds: 0.5 },
  },
  {
    name: '1-minute',
    preset: true,
    repeatsMax: 1,
    parameters: { ...load, seconds: 60, everySeconds: 5 },
  },
  {
    name: '10-minutes',
    preset: false,
    repeatsMax: 1,
    parameters: { ...load, seconds: 600, everySeconds: 30 },
  },
];
/** How often resident memory is read, from outside the server. */
const readEveryMs = 1000;
/** A run in which fewer of the planned turns were asked was another load. */
const askedShareMin = 0.9;
const endMsMax = 60_000;

const stoppedSchema = z.object({
  latency: latencySchema,
  turns: z.number(),
  sessions: z.number(),
  asked: z.number(),
  clientBusyShare: z.number(),
  faults: z.array(z.string()),
});

export const soak: Scenario = {
  name: 'soak',
  title: 'Soak: people come, ask and go',
  metrics: [
    { key: 'greatestMegabytes', title: 'greatest Rss', unit: 'MB', better: 'less', counted: true },
    {
      key: 'megabytesPerMinute',
      title: 'Rss growth in the last half',
      unit: 'MB/min',
      better: 'less',
      counted: true,
    },
    { key: 'heapMegabytes', title: 'heap at the end', unit: 'MB', better: 'less', counted: true },
    {
      key: 'heapMegabytesPerMinute',
      title: 'heap growth in the last half',
      unit: 'MB/min',
      better: 'less',
      counted: true,
    },
    { key: 'p50Ms', title: 'first token p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'p99', unit: 'ms', better: 'less' },
    { key: 'turns', title: 'turns', unit: '', better: 'more' },
    { key: 'sessions', title: 'sessions', unit: '', better: 'more' },
    { key: 'serverCpuShare', title: 'server CPU', unit: '%', better: 'less' },
  ],
  sizes: sizesOf(sizes, (size) => [{ name: 'callboard-v1', title: 'Callboard', run: () => run(size) }]),
};

/** What was seen over the time, seconds from the start beside each. */
type Seen = {
  readonly resident: [seconds: number, bytes: number][];
  readonly heap: [seconds: number, bytes: number][];
  readonly points: {
    readonly seconds: number;
    readonly resident: number;
    readonly heap: number | null;
    /** Null when nobody asked. */
    readonly latency: z.infer<typeof latencySchema> | null;
  }[];
};

async function run(size: SoakSize): Promise<Figures> {
  const { users, turnsPerSecond, seconds } = size;
  const rig = await Rig.start('callboard-v1', { engine: 'rehearsal' });
  try {
    await rig.server.ask('watchCollections', null, z.null());
    const cpuBefore = rig.cpuMs();
    await rig.client.ask('soak', { port: rig.port, users, turnsPerSecond }, z.null());
    const { value: seen, starved } = await watched(rig.server.pid, () => observed(rig, size));
    const cpuMs = rig.cpuMs() - cpuBefore;
    const told = await rig.client.ask('endSoak', null, stoppedSchema, endMsMax);
    const { heap } = await rig.memory();
    const greatest = Math.max(...seen.resident.map(([, bytes]) => bytes));
    return {
      values: {
        greatestMegabytes: Number.isNaN(greatest) ? null : greatest / 1e6,
        megabytesPerMinute: growthOf(seen.resident, seconds),
        heapMegabytes: heap / 1e6,
        heapMegabytesPerMinute: growthOf(seen.heap, seconds),
        p50Ms: told.latency.p50Ms,
        p99Ms: told.latency.p99Ms,
        turns: told.turns,
        sessions: told.sessions,
        serverCpuShare: Number.isNaN(cpuMs) ? null : (cpuMs / (seconds * 1000)) * 100,
      },
      faults: told.faults,
      invalid: whyOtherLoad(told),
      starved,
      series: seriesOf(seen),
    };
  } finally {
    await rig.stop();
  }
}

/** Looks on until the time is over. */
async function observed(rig: Rig, { seconds, everySeconds }: SoakSize): Promise<Seen> {
  const seen: Seen = { resident: [], heap: [], points: [] };
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  for (let due = everySeconds; due <= seconds; due += everySeconds) {
    while (elapsed() < due) {
      await pause(Math.min(readEveryMs, Math.max(0, (due - elapsed()) * 1000)));
      seen.resident.push([elapsed(), residentBytes(rig.server.pid)]);
    }
    const latency = await rig.client.ask('soakSample', null, latencySchema);
    const heap = await rig.server.ask('heapAfterCollections', null, z.number().nullable());
    if (heap !== null) seen.heap.push([due, heap]);
    seen.points.push({
      seconds: due,
      resident: residentBytes(rig.server.pid),
      heap,
      latency: latency.count === 0 ? null : latency,
    });
  }
  return seen;
}

/** In the last half, by the line that fits best; null when too little was seen. */
function growthOf(points: readonly (readonly [seconds: number, bytes: number])[], seconds: number) {
  const slope = slopeOf(points.filter(([at]) => at >= seconds / 2));
  return slope === undefined ? null : (slope * 60) / 1e6;
}

function whyOtherLoad({ turns, asked, clientBusyShare }: z.infer<typeof stoppedSchema>): readonly string[] {
  return [
    ...(clientBusyShare > clientCpuShareMax
      ? [`the client was saturated: ${Math.round(clientBusyShare * 100)} % busy`]
      : []),
    ...(turns < askedShareMin * asked
      ? [
          `only ${turns} of ${Math.round(asked)} turns were asked for: nobody asks while they wait for an answer`,
        ]
      : []),
  ];
}

function seriesOf({ points }: Seen): readonly Series[] {
  return [
    { title: 'after, s', values: points.map(({ seconds }) => seconds) },
    { title: 'Rss, MB', values: points.map(({ resident }) => resident / 1e6) },
    {
      title: 'heap after a collection, MB',
      values: points.map(({ heap }) => (heap === null ? null : heap / 1e6)),
    },
    { title: 'first token p50, ms', values: points.map(({ latency }) => latency?.p50Ms ?? null) },
    { title: 'p99, ms', values: points.map(({ latency }) => latency?.p99Ms ?? null) },
  ];
}
