/**
 * The highest sustained rate: many sessions at a time, at higher and higher rates, as long as all text arrives and
 * the 99th percentile of latency stays under 50 ms. The steps are searched by halving; a rate above a failed one is
 * not tried.
 */
import { comparedSystems, type SystemName, systems } from '../systems/systems.ts';
import { subscribersOf } from './many-sessions.ts';
import { Rig, type Round } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { whyInvalid, whyStarved } from './validity.ts';

type Search = {
  readonly sessions: number;
  /** Tokens per second of each answer, ascending. */
  readonly rates: readonly number[];
  readonly seconds: number;
};

export const heldP99MsMax = 50;
const warmUpMs = 500;
const waitMsMax = 12_000;
const steps = [1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 70, 80, 100, 120, 150, 200] as const;

const sizes: readonly Size<Search>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { sessions: 3, rates: [20], seconds: 0.3 },
  },
  { name: '100', preset: false, parameters: { sessions: 100, rates: steps, seconds: 2 } },
  { name: '1000', preset: true, repeatsMax: 1, parameters: { sessions: 1000, rates: steps, seconds: 2 } },
  { name: '5000', preset: false, repeatsMax: 1, parameters: { sessions: 5000, rates: steps, seconds: 2 } },
];

export const sustainedRate: Scenario = {
  name: 'sustained-rate',
  title: `Highest rate held with p99 under ${heldP99MsMax} ms, many sessions`,
  metrics: [
    { key: 'tokensPerSecond', title: 'tokens/s held', unit: '', better: 'more' },
    { key: 'rate', title: 'tokens/s of each', unit: '', better: 'more' },
    { key: 'p99Ms', title: 'latency p99 there', unit: 'ms', better: 'less' },
    { key: 'serverCpuShare', title: 'server CPU there', unit: '%', better: 'less' },
    { key: 'clientCpuShare', title: 'client CPU there', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (search) =>
    comparedSystems
      // A broadcasting system would send a thousand answers to everybody: it can only take part with a few sessions.
      .filter((name) => !systems[name].replays && (search.sessions <= 100 || !systems[name].broadcasts))
      .map((name) => ({ name, title: systems[name].title, run: (context) => run(context, name, search) })),
  ),
};

async function run(context: RunContext, system: SystemName, search: Search): Promise<Figures> {
  let held: { readonly rate: number; readonly round: Round } | undefined;
  let limitedBy: string | undefined;
  const faults: string[] = [];
  for (let low = 0, high = search.rates.length - 1; low <= high; ) {
    const middle = Math.floor((low + high) / 2);
    const rate = search.rates[middle] ?? 0;
    const round = await probe(context, system, search, rate);
    const reasons = [
      ...whyInvalid(round, { latencyCounts: true }),
      ...whyStarved([round.serverStarvedShare]),
    ];
    if (round.complete === round.subscribers) faults.push(...round.faults);
    if (reasons.length === 0 && round.latency.p99Ms < heldP99MsMax) {
      held = { rate, round };
      low = middle + 1;
    } else {
      limitedBy = reasons.find((reason) => !reason.endsWith('did not come in time'));
      high = middle - 1;
    }
  }
  const round = held?.round;
  const share = (cpuMs: number | null | undefined) =>
    round === undefined || cpuMs === null || cpuMs === undefined ? null : (cpuMs / round.wallMs) * 100;
  return {
    values: {
      tokensPerSecond: (held?.rate ?? 0) * search.sessions,
      rate: held?.rate ?? 0,
      p99Ms: round?.latency.p99Ms ?? null,
      serverCpuShare: share(round?.serverCpuMs),
      clientCpuShare: share(round?.clientCpuMs),
    },
    faults,
    invalid: limitedBy === undefined ? [] : [`at the next rate ${limitedBy}; so this system may hold more`],
  };
}

/** Uses new processes: an overloaded server has a backlog that the next probe must not inherit. */
async function probe(context: RunContext, system: SystemName, search: Search, rate: number): Promise<Round> {
  const rig = await Rig.start(system);
  try {
    await rig.createSessions(search.sessions);
    await rig.subscribe(subscribersOf);
    return await rig.answer({
      seed: context.seed,
      answer: 0,
      rate,
      tokens: Math.ceil(rate * (search.seconds + warmUpMs / 1000)),
      warmUpMs,
      waitMsMax,
    });
  } finally {
    await rig.stop();
  }
}
