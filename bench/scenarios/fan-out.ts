/**
 * Fan-out: one session, many subscribers. As fast as possible, the results are processor time per token and the time
 * until the last subscriber has the whole answer; at a fixed rate, latency as well.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerArgument } from '../systems/serve.ts';
import { type SystemName, systemNames, systems } from '../systems/systems.ts';
import { Rig, type Round } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { whyInvalid, whyStarved } from './validity.ts';

type FanOut = {
  readonly subscribers: number;
  readonly tokens: number;
  /** Tokens per second; 0: as fast as possible. */
  readonly rate: number;
};

/** Short answers first, so that the JIT compilers have optimised the code. */
const warmUps = { count: 3, tokens: 100 } as const;
/**
 * In runs as fast as possible, answers are repeated until they have taken this long together, up to a maximum number.
 */
const measuredMsMin = 500;
const answersMax = 5;
const waitMsMax = 120_000;
/** The system whose run the ceiling replays. */
const recorded: SystemName = 'callboard-v1';

const size = (
  name: string,
  parameters: FanOut,
  more: Partial<Omit<Size<FanOut>, 'name' | 'parameters'>> = {},
): Size<FanOut> => ({ name, preset: true, ...more, parameters });
const rare = { preset: false } as const;

const sizes: readonly Size<FanOut>[] = [
  size('smoke', { subscribers: 3, tokens: 40, rate: 0 }, { ...rare, smoke: true }),
  size('1', { subscribers: 1, tokens: 1000, rate: 0 }, rare),
  size(
    '50',
    { subscribers: 50, tokens: 1000, rate: 0 },
    { repeatsMax: 2, quick: ['callboard-v1', 'ws-loop'] },
  ),
  size('500', { subscribers: 500, tokens: 500, rate: 0 }),
  size('500-long', { subscribers: 500, tokens: 1000, rate: 0 }, rare),
  size('2000', { subscribers: 2000, tokens: 1000, rate: 0 }, rare),
  size('50-paced', { subscribers: 50, tokens: 1000, rate: 100 }, rare),
  size('500-paced', { subscribers: 500, tokens: 250, rate: 100 }, { repeatsMax: 2 }),
  size('500-paced-long', { subscribers: 500, tokens: 1000, rate: 100 }, rare),
  size('2000-paced', { subscribers: 2000, tokens: 1000, rate: 100 }, rare),
];

export const fanOut: Scenario = {
  name: 'fan-out',
  title: 'Fan-out: one answer to many subscribers',
  metrics: [
    { key: 'tokensPerCpuSecond', title: 'tokens per CPU s', unit: '', better: 'more', ofProcessor: true },
    { key: 'wallMs', title: 'whole answer', unit: 'ms', better: 'less' },
    { key: 'p50Ms', title: 'latency p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'latency p99', unit: 'ms', better: 'less' },
    { key: 'framesPerToken', title: 'frames per token', unit: '', better: 'less', counted: true },
    {
      key: 'cpuSecondsPerMillionFrames',
      title: 'CPU s per million frames',
      unit: 's',
      better: 'less',
      ofProcessor: true,
    },
    { key: 'bytesPerSubscriber', title: 'bytes each', unit: 'B', better: 'less', counted: true },
    { key: 'cpuSeconds', title: 'server CPU per answer', unit: 's', better: 'less', ofProcessor: true },
    { key: 'peakMegabytes', title: 'server peak memory', unit: 'MB', better: 'less', counted: true },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (parameters) =>
    systemNames.map((name) => ({
      name,
      title: systems[name].title,
      run: (context) => runAnswers(context, name, parameters),
    })),
  ),
};

/** Measures one session; figures are of the mean of its measured answers. */
export async function runAnswers(
  context: RunContext,
  system: SystemName,
  parameters: FanOut,
  settings: Omit<ServerArgument, 'folder'> = {},
): Promise<Figures> {
  const { subscribers, tokens, rate } = parameters;
  const isRecorded = system === recorded && Object.keys(settings).length === 0;
  const rig = await Rig.start(system, settings);
  try {
    await rig.createSessions(1);
    const compress = settings.compression === 'on';
    const { compressed } = await rig.subscribe(() => subscribers, { compress });
    if (compress && compressed < subscribers) throw new Error('the server does not compress');
    const rounds: Round[] = [];
    const recordOf = (answer: number) =>
      join(context.folder, `fan-out-${Object.values(parameters).join('-')}-${context.repeat}-${answer}`);
    let spentMs = 0;
    for (let answer = 0; answer < answersMax + warmUps.count && spentMs < measuredMsMin; answer++) {
      const isWarmUp = answer < warmUps.count;
      const plan = { seed: context.seed, answer, rate: isWarmUp ? 0 : rate, waitMsMax };
      const recordFile = recordOf(answer);
      if (systems[system].replays) {
        // The ceiling makes as many answers as v1 made.
        if (!existsSync(recordFile)) break;
        await rig.replay(recordFile);
      }
      const round = await rig.answer({
        ...plan,
        tokens: isWarmUp ? Math.min(warmUps.tokens, tokens) : tokens,
        ...(isRecorded ? { recordFile } : {}),
      });
      if (isWarmUp) continue;
      rounds.push(round);
      spentMs += round.wallMs;
    }
    if (rounds.length === 0) throw new Error(`nothing of ${recorded} to replay`);
    return figuresOf(rounds, { rate, peakBytes: rig.peakBytes() });
  } finally {
    await rig.stop();
  }
}

/** Sums over all measured answers; times are those of the mean answer. */
export function figuresOf(
  rounds: readonly Round[],
  { rate, peakBytes }: { readonly rate: number; readonly peakBytes: number },
): Figures {
  const sum = (value: (round: Round) => number) => rounds.reduce((total, round) => total + value(round), 0);
  const tokens = sum(({ tokensDelivered }) => tokensDelivered);
  const frames = sum((round) => round.frames);
  const subscribers = sum((round) => round.subscribers);
  const wallMs = sum((round) => round.wallMs);
  const cpuMs = rounds.some(({ serverCpuMs }) => serverCpuMs === null)
    ? null
    : sum(({ serverCpuMs }) => serverCpuMs ?? 0);
  const [first] = rounds;
  return {
    values: {
      tokensPerCpuSecond: cpuMs === null ? null : (tokens / cpuMs) * 1000,
      wallMs: wallMs / rounds.length,
      p50Ms: sum(({ latency }) => latency.p50Ms) / rounds.length,
      p99Ms: Math.max(...rounds.map(({ latency }) => latency.p99Ms)),
      framesPerToken: frames / tokens,
      cpuSecondsPerMillionFrames: cpuMs === null ? null : (cpuMs / frames) * 1000,
      bytesPerSubscriber: sum(({ bytes }) => bytes) / subscribers,
      cpuSeconds: cpuMs === null ? null : cpuMs / 1000 / rounds.length,
      peakMegabytes: Number.isNaN(peakBytes) ? null : peakBytes / 1e6,
      clientCpuShare: (sum(({ clientCpuMs }) => clientCpuMs) / wallMs) * 100,
    },
    ...(first === undefined ? {} : { textHash: first.textHash }),
    faults: rounds.flatMap(({ faults }) => faults),
    invalid: [...new Set(rounds.flatMap((round) => whyInvalid(round, { latencyCounts: rate > 0 })))],
    starved: whyStarved(rounds.map(({ serverStarvedShare }) => serverStarvedShare)),
  };
}
