/**
 * Tokens of a provider over HTTP, in the bytes of a real one. In bursts, several events come with each read: what counts
 * is the processor time of a token. Paced, each event is a read of its own, as between machines: then the bare reader
 * says what being sent the bytes costs anyhow.
 */
import type { ProviderArgument } from '../provider/provider-argument.ts';
import { providedNames, type SystemName, systems } from '../systems/systems.ts';
import { figuresOf } from './fan-out.ts';
import { Rig, type Round } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';

type Provided = {
  readonly format: ProviderArgument['format'];
  readonly sessions: number;
  /** Tokens per second of each answer; 0: as fast as possible. */
  readonly rate: number;
  /** Tokens of an answer as fast as possible; seconds of a paced one. */
  readonly length: number;
};

/** As many events as a provider that joins what it made in some milliseconds sends at once. */
const eventsPerWrite = 16;
/** A server that has run for a while is what is measured: most of what reads a stream is optimised by then. */
const warmUps = { count: 12, paced: 1 } as const;
const answers = 16;
const warmUpMs = 1000;
const waitMsMax = 30_000;

const size = (
  name: string,
  parameters: Provided,
  more: Partial<Omit<Size<Provided>, 'name' | 'parameters'>> = {},
): Size<Provided> => ({ name, preset: true, ...more, parameters });
const rare = { preset: false } as const;

const burst = { sessions: 1, rate: 0, length: 1000 } as const;
const sizes: readonly Size<Provided>[] = [
  size('smoke', { format: 'openai', ...burst, length: 40 }, { ...rare, smoke: true }),
  size('burst', { format: 'openai', ...burst }, { quick: ['callboard-v1', 'bare-loop'] }),
  size('burst-anthropic', { format: 'anthropic', ...burst }, { repeatsMax: 2 }),
  size('200x50', { format: 'openai', sessions: 200, rate: 50, length: 3 }),
  size('200x50-anthropic', { format: 'anthropic', sessions: 200, rate: 50, length: 3 }, rare),
  size('1000x50', { format: 'openai', sessions: 1000, rate: 50, length: 3 }, { repeatsMax: 1 }),
];

const contestants: readonly SystemName[] = ['callboard-v1', ...providedNames];
/** Clients of more sessions than this would get too much from a system that sends everything to everybody. */
const broadcastSessionsMax = 1;

export const provider: Scenario = {
  name: 'provider',
  title: 'Tokens of a provider over HTTP',
  metrics: [
    {
      key: 'cpuMicrosecondsPerToken',
      title: 'server CPU per token',
      unit: 'µs',
      better: 'less',
      ofProcessor: true,
    },
    { key: 'p50Ms', title: 'latency p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'latency p99', unit: 'ms', better: 'less' },
    { key: 'tokensPerSecond', title: 'tokens/s', unit: '', better: 'more' },
    { key: 'framesPerToken', title: 'frames per token', unit: '', better: 'less', counted: true },
    { key: 'serverCpuShare', title: 'server CPU', unit: '%', better: 'less' },
    { key: 'providerBusyShare', title: 'provider busy', unit: '%', better: 'less', ofBench: true },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (parameters) =>
    contestants
      .filter((name) => parameters.format === 'openai' || name !== 'ws-openai')
      .filter((name) => parameters.sessions <= broadcastSessionsMax || !systems[name].broadcasts)
      .map((name) => ({
        name,
        title: systems[name].title,
        run: (context) => run(context, name, parameters),
      })),
  ),
};

async function run(context: RunContext, system: SystemName, parameters: Provided): Promise<Figures> {
  const { format, sessions, rate, length } = parameters;
  const rig = await Rig.start(system, {}, { provider: { format, eventsPerWrite } });
  try {
    await rig.createSessions(sessions);
    await rig.subscribe(() => 1);
    const rounds: Round[] = [];
    const counts =
      rate === 0 ? { warm: warmUps.count, measured: answers } : { warm: warmUps.paced, measured: 1 };
    for (let answer = 0; answer < counts.warm + counts.measured; answer++) {
      const isWarmUp = answer < counts.warm;
      const tokens = rate === 0 ? length : Math.ceil(rate * (isWarmUp ? 1 : length + warmUpMs / 1000));
      const plan = { seed: context.seed, answer, rate, tokens, waitMsMax };
      const round = await rig.answer(isWarmUp || rate === 0 ? plan : { ...plan, warmUpMs });
      if (!isWarmUp) rounds.push(round);
    }
    return figures(rounds, { rate, system, peakBytes: rig.peakBytes() });
  } finally {
    await rig.stop();
  }
}

function figures(
  rounds: readonly Round[],
  {
    rate,
    system,
    peakBytes,
  }: { readonly rate: number; readonly system: SystemName; readonly peakBytes: number },
): Figures {
  const { values, ...rest } = figuresOf(rounds, { rate, peakBytes });
  const perCpuSecond = values['tokensPerCpuSecond'] ?? null;
  const wallMs = rounds.reduce((sum, round) => sum + round.wallMs, 0);
  const cpuMs = rounds.reduce((sum, { serverCpuMs }) => sum + (serverCpuMs ?? Number.NaN), 0);
  const tokens = rounds.reduce((sum, { tokensDelivered }) => sum + tokensDelivered, 0);
  const busy = rounds.reduce((sum, round) => sum + (round.provider?.busyShare ?? 0), 0);
  // It sends its text when all of it is there: its latency is none.
  const isReader = system === 'bare-reader';
  return {
    ...rest,
    values: {
      cpuMicrosecondsPerToken: perCpuSecond === null ? null : 1e6 / perCpuSecond,
      p50Ms: isReader ? null : (values['p50Ms'] ?? null),
      p99Ms: isReader ? null : (values['p99Ms'] ?? null),
      tokensPerSecond: (tokens / wallMs) * 1000,
      framesPerToken: values['framesPerToken'] ?? null,
      serverCpuShare: Number.isNaN(cpuMs) ? null : (cpuMs / wallMs) * 100,
      providerBusyShare: (busy / rounds.length) * 100,
      clientCpuShare: values['clientCpuShare'] ?? null,
    },
  };
}
