/**
 * A slow reader among fast ones: how it affects the fast ones. The same answers are sent twice. First every
 * subscriber reads. Then one stops, until the bytes for it fill the buffers of two kernels and the server must keep
 * or drop them. Then the same answers follow again. Pieces are large, as from an engine that emits lines: a delta of
 * a few bytes fills nothing.
 */
import { type SystemName, systems } from '../systems/systems.ts';
import { addressed } from './many-sessions.ts';
import { Rig, type Round } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { whyInvalid, whyStarved } from './validity.ts';

type SlowReader = {
  readonly fast: number;
  readonly rate: number;
  readonly tokens: number;
  /** How many answers are sent as fast as possible while nothing is measured. */
  readonly fillers: number;
  readonly rounds: number;
};

const pieceCharacters = 900;
const fillerTokens = 1000;
const warmUps = 2;
const waitMsMax = 30_000;

const sizes: readonly Size<SlowReader>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { fast: 2, rate: 200, tokens: 40, fillers: 1, rounds: 1 },
  },
  { name: '20', preset: true, parameters: { fast: 20, rate: 100, tokens: 200, fillers: 10, rounds: 1 } },
  { name: '200', preset: false, parameters: { fast: 200, rate: 100, tokens: 200, fillers: 10, rounds: 2 } },
];

export const slowReader: Scenario = {
  name: 'slow-reader',
  title: 'One reader stops: what the others feel',
  metrics: [
    { key: 'p99Change', title: 'p99 with / without', unit: '', better: 'less' },
    { key: 'p99WithoutMs', title: 'fast ones p99 without', unit: 'ms', better: 'less' },
    { key: 'p99WithMs', title: 'fast ones p99 with', unit: 'ms', better: 'less' },
    { key: 'p50WithoutMs', title: 'p50 without', unit: 'ms', better: 'less' },
    { key: 'p50WithMs', title: 'p50 with', unit: 'ms', better: 'less' },
    { key: 'resumedMs', title: 'slow one caught up after', unit: 'ms', better: 'less' },
    { key: 'addedMegabytes', title: 'server memory added', unit: 'MB', better: 'less', counted: true },
  ],
  sizes: sizesOf(sizes, (parameters) =>
    addressed
      .filter((name) => !systems[name].replays)
      .map((name) => ({
        name,
        title: systems[name].title,
        run: (context) => run(context, name, parameters),
      })),
  ),
};

async function run(context: RunContext, system: SystemName, parameters: SlowReader): Promise<Figures> {
  const { fast, rate, tokens, fillers, rounds } = parameters;
  const rig = await Rig.start(system);
  let answer = 0;
  const filler = (stalled: number) =>
    rig.answer({
      seed: context.seed,
      answer: answer++,
      tokens: fillerTokens,
      pieceCharacters,
      rate: 0,
      waitMsMax,
      stalled,
      resume: false,
    });
  const measured = (stalled: number, resume = false) =>
    rig.answer({
      seed: context.seed,
      answer: answer++,
      tokens,
      pieceCharacters,
      rate,
      waitMsMax,
      stalled,
      resume,
    });
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => fast + 1);
    for (let count = 0; count < warmUps; count++) await filler(0);
    const without: Round[] = [];
    for (let round = 0; round < rounds; round++) without.push(await measured(0));
    const { resident: before } = await rig.memory();
    for (let count = 0; count < fillers; count++) await filler(1);
    const { resident: after } = await rig.memory();
    const withSlow: Round[] = [];
    for (let round = 0; round < rounds; round++) withSlow.push(await measured(1, round === rounds - 1));
    const [p99Without, p99With] = [p99Of(without), p99Of(withSlow)];
    const all = [...without, ...withSlow];
    return {
      values: {
        p99Change: p99With / p99Without,
        p99WithoutMs: p99Without,
        p99WithMs: p99With,
        p50WithoutMs: mean(without, ({ latency }) => latency.p50Ms),
        p50WithMs: mean(withSlow, ({ latency }) => latency.p50Ms),
        resumedMs: withSlow.at(-1)?.resumedMs ?? null,
        addedMegabytes: Number.isNaN(after) ? null : (after - before) / 1e6,
      },
      textHash: all.at(-1)?.textHash ?? '',
      faults: all.flatMap(({ faults }) => faults),
      invalid: [...new Set(all.flatMap((round) => whyInvalid(round, { latencyCounts: true })))],
      starved: whyStarved(all.map(({ serverStarvedShare }) => serverStarvedShare)),
    };
  } finally {
    await rig.stop();
  }
}

function p99Of(rounds: readonly Round[]): number {
  return mean(rounds, ({ latency }) => latency.p99Ms);
}

function mean(rounds: readonly Round[], value: (round: Round) => number): number {
  return rounds.reduce((sum, round) => sum + value(round), 0) / rounds.length;
}
