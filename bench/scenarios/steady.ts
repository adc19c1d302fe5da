/**
 * Steady: as many answers at the same time as in `many-sessions`, but their beginnings are spread over the length of an
 * answer, as those of people are. In the measured time some answers end, and as many begin, in every moment.
 */
import { join } from 'node:path';
import { type SystemName, systems } from '../systems/systems.ts';
import { addressed, figuresOfSessions, manySessions } from './many-sessions.ts';
import { Rig } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';

type Steady = {
  /** How many answers stream at the same time. */
  readonly sessions: number;
  /** Tokens per second of each. */
  readonly rate: number;
  /** How long each answer is; as long is measured. */
  readonly seconds: number;
};

const waitMsMax = 40_000;

const size = (
  name: string,
  parameters: Steady,
  more: Partial<Omit<Size<Steady>, 'name' | 'parameters'>> = {},
): Size<Steady> => ({ name, preset: true, ...more, parameters });

const sizes: readonly Size<Steady>[] = [
  size('smoke', { sessions: 3, rate: 50, seconds: 0.4 }, { preset: false, smoke: true }),
  size(
    '50x50',
    { sessions: 50, rate: 50, seconds: 1.5 },
    { preset: false, quick: ['callboard-v1', 'ws-loop'] },
  ),
  size('100x50', { sessions: 100, rate: 50, seconds: 4 }, { repeatsMax: 2 }),
  size('1000x50', { sessions: 1000, rate: 50, seconds: 4 }, { repeatsMax: 2 }),
];

export const steady: Scenario = {
  name: 'steady',
  title: 'Steady: answers begin and end all the time',
  metrics: manySessions.metrics,
  sizes: sizesOf(sizes, (parameters) =>
    addressed.map((name) => ({
      name,
      title: systems[name].title,
      run: (context) => run(context, name, parameters),
    })),
  ),
};

async function run(context: RunContext, system: SystemName, parameters: Steady): Promise<Figures> {
  const { sessions, rate, seconds } = parameters;
  const lengthMs = seconds * 1000;
  const rig = await Rig.start(system);
  try {
    // Those of the first half have all begun when measuring begins; those of the second begin while it lasts.
    await rig.createSessions(2 * sessions);
    await rig.subscribe(() => 1);
    const recordFile = join(context.folder, `steady-${sessions}x${rate}-${context.repeat}`);
    if (systems[system].replays) await rig.replay(recordFile);
    const round = await rig.answer({
      seed: context.seed,
      answer: 0,
      rate,
      tokens: Math.ceil(rate * seconds),
      arrivals: (session) => ({ ms: (session / sessions) * lengthMs }),
      warmUpMs: lengthMs,
      measuredMs: lengthMs,
      waitMsMax,
      ...(system === 'callboard-v1' ? { recordFile } : {}),
    });
    return figuresOfSessions(round, { sessions, rate, peakBytes: rig.peakBytes() });
  } finally {
    await rig.stop();
  }
}
