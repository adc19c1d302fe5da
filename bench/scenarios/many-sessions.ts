/**
 * Many sessions: answers at the same time, each at its own fixed rate, with a real turn per answer and one subscriber
 * each (every fourth session has two). The results are the latency and the processor time.
 */
import { join } from 'node:path';
import { comparedSystems, type SystemName, systems } from '../systems/systems.ts';
import { figuresOf } from './fan-out.ts';
import { Rig, type Round } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';

type ManySessions = { readonly sessions: number; readonly rate: number; readonly seconds: number };

const warmUpMs = 1000;
const waitMsPerRun = 20_000;

const size = (
  name: string,
  parameters: ManySessions,
  more: Partial<Omit<Size<ManySessions>, 'name' | 'parameters'>> = {},
): Size<ManySessions> => ({ name, preset: true, ...more, parameters });

const sizes: readonly Size<ManySessions>[] = [
  size('smoke', { sessions: 4, rate: 50, seconds: 0.4 }, { preset: false, smoke: true }),
  size('100x50', { sessions: 100, rate: 50, seconds: 3 }, { preset: false }),
  size('1000x50', { sessions: 1000, rate: 50, seconds: 3 }, { repeatsMax: 2 }),
  size('5000x10', { sessions: 5000, rate: 10, seconds: 3 }, { preset: false }),
];

/** Systems that send a session's text only to its own subscribers: the others would send each token to all clients. */
export const addressed: readonly SystemName[] = comparedSystems.filter((name) => !systems[name].broadcasts);

export function subscribersOf(session: number): number {
  return session % 4 === 3 ? 2 : 1;
}

export const manySessions: Scenario = {
  name: 'many-sessions',
  title: 'Many sessions: concurrent answers at a fixed rate',
  metrics: [
    { key: 'p99Ms', title: 'latency p99', unit: 'ms', better: 'less' },
    { key: 'p50Ms', title: 'latency p50', unit: 'ms', better: 'less' },
    { key: 'tokensPerSecond', title: 'tokens/s emitted', unit: '', better: 'more' },
    { key: 'serverCpuShare', title: 'server CPU', unit: '%', better: 'less' },
    { key: 'tokensPerCpuSecond', title: 'tokens per CPU s', unit: '', better: 'more', ofProcessor: true },
    { key: 'framesPerToken', title: 'frames per token', unit: '', better: 'less', counted: true },
    { key: 'peakMegabytes', title: 'server peak memory', unit: 'MB', better: 'less', counted: true },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (parameters) =>
    addressed.map((name) => ({
      name,
      title: systems[name].title,
      run: (context) => run(context, name, parameters),
    })),
  ),
};

async function run(context: RunContext, system: SystemName, parameters: ManySessions): Promise<Figures> {
  const { sessions, rate, seconds } = parameters;
  const rig = await Rig.start(system);
  try {
    await rig.createSessions(sessions);
    await rig.subscribe(subscribersOf);
    const recordFile = join(context.folder, `many-${sessions}x${rate}-${context.repeat}`);
    if (systems[system].replays) await rig.replay(recordFile);
    const warmUp = Math.min(warmUpMs, seconds * 250);
    const round = await rig.answer({
      seed: context.seed,
      answer: 0,
      rate,
      tokens: Math.ceil(rate * (seconds + warmUp / 1000)),
      warmUpMs: warmUp,
      waitMsMax: waitMsPerRun,
      ...(system === 'callboard-v1' ? { recordFile } : {}),
    });
    return figuresOfSessions(round, { sessions, rate, peakBytes: rig.peakBytes() });
  } finally {
    await rig.stop();
  }
}

/** `sessions`: how many answers stream at the same time; `rate`: tokens per second of each. */
export function figuresOfSessions(
  round: Round,
  {
    sessions,
    rate,
    peakBytes,
  }: { readonly sessions: number; readonly rate: number; readonly peakBytes: number },
): Figures {
  const { values, ...figures } = figuresOf([round], { rate, peakBytes });
  const share = round.serverCpuMs === null ? null : (round.serverCpuMs / round.wallMs) * 100;
  return { ...figures, values: { ...values, serverCpuShare: share, tokensPerSecond: sessions * rate } };
}
