/**
 * Durable events: commands per second, each answered after its commit, compared with a journal in memory. A command
 * adds a message, which makes two durable events. Measured without a network, and over REST with a whole server.
 */
import { z } from 'zod';
import { latencySchema } from '../client/latencies.ts';
import { type StoreName, scratchPostgres, storeNames } from '../durable/scratch-stores.ts';
import { MeasuredProcess, serverCpu } from '../process/measured-process.ts';
import { Rig } from './rig.ts';
import {
  type Contestant,
  type Figures,
  type RunContext,
  type Scenario,
  type Size,
  sizesOf,
} from './scenario.ts';
import { clientCpuShareMax, watched } from './validity.ts';

const program = new URL('../durable/durable-process.ts', import.meta.url);

type Durable = { readonly sessions: number; readonly ms: number; readonly over: 'door' | 'rest' };

const sizes: readonly Size<Durable>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { sessions: 3, ms: 50, over: 'door' },
  },
  { name: '1', preset: false, parameters: { sessions: 1, ms: 2000, over: 'door' } },
  { name: '100', preset: true, repeatsMax: 2, parameters: { sessions: 100, ms: 2000, over: 'door' } },
  {
    name: '100-rest',
    preset: true,
    repeatsMax: 2,
    quick: ['SQLite'],
    parameters: { sessions: 100, ms: 2000, over: 'rest' },
  },
];

export const durable: Scenario = {
  name: 'durable',
  title: 'Durable events: commands with commit',
  metrics: [
    { key: 'commandsPerSecond', title: 'commands/s', unit: '', better: 'more' },
    { key: 'answerP50Ms', title: 'answer p50', unit: 'ms', better: 'less' },
    { key: 'answerP99Ms', title: 'answer p99', unit: 'ms', better: 'less' },
    { key: 'commitP50Ms', title: 'commit p50', unit: 'ms', better: 'less' },
    { key: 'commitP99Ms', title: 'commit p99', unit: 'ms', better: 'less' },
    { key: 'eventsPerCommit', title: 'events per commit', unit: '', better: 'more' },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (parameters) => contestants(parameters)),
};

function contestants(parameters: Durable): readonly Contestant[] {
  const stores = parameters.over === 'door' ? storeNames : storeNames.filter((name) => name !== 'memory');
  return stores.map((store) => ({
    name: store,
    title: store,
    needsDatabase: store === 'PostgreSQL',
    run: (context) =>
      parameters.over === 'door'
        ? atTheDoor(context, store, parameters)
        : overRest(context, store, parameters),
  }));
}

const costSchema = z.object({
  commandsPerSecond: z.number(),
  eventsPerCommit: z.number(),
  commit: latencySchema,
  answer: latencySchema,
});

async function atTheDoor(context: RunContext, store: StoreName, { sessions, ms }: Durable): Promise<Figures> {
  return withDurableProcess(async (process) => {
    const question = { store, databaseUrl: context.databaseUrl, sessions, ms };
    const { value, starved } = await watched(process.pid, () =>
      process.ask('commands', question, costSchema),
    );
    const { commandsPerSecond, eventsPerCommit, commit, answer } = value;
    return {
      values: {
        commandsPerSecond,
        eventsPerCommit,
        answerP50Ms: answer.p50Ms,
        answerP99Ms: answer.p99Ms,
        commitP50Ms: commit.p50Ms,
        commitP99Ms: commit.p99Ms,
      },
      faults: [],
      invalid: [],
      starved: byOthers(store, starved),
    };
  });
}

/** A database server shares the processors with the process that asks it, and belongs to what is measured. */
export function byOthers(store: StoreName, starved: readonly string[]): readonly string[] {
  return store === 'PostgreSQL' ? [] : starved;
}

export async function withDurableProcess<Value>(
  use: (process: MeasuredProcess) => Promise<Value>,
): Promise<Value> {
  const { process } = await MeasuredProcess.start(program, {
    cpu: serverCpu,
    argument: null,
    ready: z.null(),
  });
  try {
    return await use(process);
  } finally {
    await process.stop();
  }
}

const restSchema = z.object({
  commandsPerSecond: z.number(),
  answer: latencySchema,
  clientCpuShare: z.number(),
  /** A client that waits for its processor uses little of it. */
  clientBusyShare: z.number(),
});

async function overRest(context: RunContext, store: StoreName, { sessions, ms }: Durable): Promise<Figures> {
  const scratch = store === 'PostgreSQL' ? await scratchPostgres(context.databaseUrl ?? '') : undefined;
  try {
    const rig = await Rig.start('callboard-v1', {
      databaseUrl: scratch?.databaseUrl,
      ...(store === 'SQLite, full' ? { sqliteSynchronous: 'full' } : {}),
    });
    try {
      await rig.createSessions(sessions);
      const question = { port: rig.port, sessions: rig.sessions, ms };
      const { value, starved } = await watched(rig.server.pid, () =>
        rig.client.ask('commands', question, restSchema),
      );
      const { commandsPerSecond, answer, clientCpuShare, clientBusyShare } = value;
      const share = Math.max(clientCpuShare, clientBusyShare);
      return {
        values: {
          commandsPerSecond,
          answerP50Ms: answer.p50Ms,
          answerP99Ms: answer.p99Ms,
          clientCpuShare: clientCpuShare * 100,
        },
        faults: [],
        invalid:
          share > clientCpuShareMax ? [`the client was saturated: ${Math.round(share * 100)} % busy`] : [],
        starved: byOthers(store, starved),
      };
    } finally {
      await rig.stop();
    }
  } finally {
    await scratch?.remove();
  }
}
