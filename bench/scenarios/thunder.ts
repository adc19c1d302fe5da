/**
 * Thunder: many turns begin in one moment, beside answers that stream already. The results are the latency of those
 * answers from that moment on, and how long the others wait for their first token.
 */
import { type SystemName, systems } from '../systems/systems.ts';
import { addressed } from './many-sessions.ts';
import { Rig } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';
import { whyInvalid, whyStarved } from './validity.ts';

type Thunder = {
  /** How many answers stream already. */
  readonly streaming: number;
  /** How many begin at once. */
  readonly starting: number;
  /** Tokens per second of each. */
  readonly rate: number;
};

/** The streaming answers have streamed for as long when the others begin. */
const calmMs = 1500;
/** For how long after that is measured. */
const measuredMs = 3000;
/** Of each of those that begin at once. */
const tokens = 20;
const waitMsMax = 40_000;

const sizes: readonly Size<Thunder>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { streaming: 2, starting: 3, rate: 50 } },
  { name: '200+1000', preset: true, parameters: { streaming: 200, starting: 1000, rate: 50 } },
];

export const thunder: Scenario = {
  name: 'thunder',
  title: 'Thunder: turns begin at once beside answers that stream',
  metrics: [
    { key: 'p99Ms', title: 'latency p99 of streaming answers', unit: 'ms', better: 'less' },
    { key: 'p50Ms', title: 'p50', unit: 'ms', better: 'less' },
    { key: 'firstTokenP99Ms', title: 'first token p99 of the others', unit: 'ms', better: 'less' },
    { key: 'firstTokenP50Ms', title: 'p50', unit: 'ms', better: 'less' },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
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

async function run(context: RunContext, system: SystemName, parameters: Thunder): Promise<Figures> {
  const { streaming, starting, rate } = parameters;
  const rig = await Rig.start(system);
  try {
    await rig.createSessions(streaming + starting);
    await rig.subscribe(() => 1);
    const round = await rig.answer({
      seed: context.seed,
      answer: 0,
      rate,
      tokens: (session) => (session < streaming ? Math.ceil(((calmMs + measuredMs) / 1000) * rate) : tokens),
      arrivals: (session) =>
        session < streaming ? { ms: (session / streaming) * (1000 / rate) } : { ms: calmMs, now: true },
      warmUpMs: calmMs,
      measuredMs,
      waitMsMax,
    });
    return {
      values: {
        p99Ms: round.latency.p99Ms,
        p50Ms: round.latency.p50Ms,
        firstTokenP99Ms: round.firstTokens.p99Ms,
        firstTokenP50Ms: round.firstTokens.p50Ms,
        clientCpuShare: (round.clientCpuMs / round.wallMs) * 100,
      },
      textHash: round.textHash,
      faults: round.faults,
      // The client asks a thousand questions in one moment, so it is late itself.
      invalid: whyInvalid(round, { latencyCounts: false }),
      starved: whyStarved([round.serverStarvedShare]),
    };
  } finally {
    await rig.stop();
  }
}
