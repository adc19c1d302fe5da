/** Callboard's performance targets, each with its own check. Ratios are of medians of one run on one machine. */
import { heldP99MsMax } from '../scenarios/sustained-rate.ts';
import type { Results, ResultsRow, ResultsTable } from './results-schema.ts';

type Target = {
  readonly name: string;
  readonly target: string;
  readonly unit: string;
  /** The scenario and the sizes of the figure; the first of these sizes that was run is used. */
  readonly scenario: string;
  readonly sizes: readonly string[];
  /** The systems that must have valid rows for the figure. */
  readonly needs: readonly string[];
  readonly measured: (median: (contestant: string, metric: string) => number) => number;
  readonly met: (measured: number) => boolean;
};

const [v1, baseline, shape, ceiling] = [
  'callboard-v1',
  'callboard-baseline',
  'baseline-shape',
  'ceiling',
] as const;
const atLeast = (bound: number) => (measured: number) => measured >= bound;
const atMost = (bound: number) => (measured: number) => measured <= bound;
const efficiency = 'tokensPerCpuSecond';
const cpuOfToken = 'cpuMicrosecondsPerToken';

const targets: readonly Target[] = [
  {
    name: 'Fan-out to 500, as fast as possible: v1 of the ceiling, tokens per CPU second',
    target: '≥ 0.85',
    unit: '',
    scenario: 'fan-out',
    sizes: ['500', '500-long'],
    needs: [v1, ceiling],
    measured: (median) => median(v1, efficiency) / median(ceiling, efficiency),
    met: atLeast(0.85),
  },
  {
    name: 'Fan-out to 500, 100 tokens/s: v1 of the ceiling, tokens per CPU second',
    target: '≥ 0.85',
    unit: '',
    scenario: 'fan-out',
    sizes: ['500-paced', '500-paced-long'],
    needs: [v1, ceiling],
    measured: (median) => median(v1, efficiency) / median(ceiling, efficiency),
    met: atLeast(0.85),
  },
  {
    name: 'Fan-out to 500, as fast as possible: v1 beside the baseline shape, tokens per CPU second',
    target: '≥ 30 ×',
    unit: '×',
    scenario: 'fan-out',
    sizes: ['500', '500-long'],
    needs: [v1, shape],
    measured: (median) => median(v1, efficiency) / median(shape, efficiency),
    met: atLeast(30),
  },
  {
    name: 'A 500-token answer to 500 clients: wall time of the baseline shape over that of v1',
    target: '≥ 30 ×',
    unit: '×',
    scenario: 'fan-out',
    sizes: ['500'],
    needs: [v1, shape],
    measured: (median) => median(shape, 'wallMs') / median(v1, 'wallMs'),
    met: atLeast(30),
  },
  {
    name: 'Fan-out to 500: baseline mode beside the baseline shape, tokens per CPU second',
    target: '≥ 4 ×',
    unit: '×',
    scenario: 'fan-out',
    sizes: ['500', '500-long'],
    needs: [baseline, shape],
    measured: (median) => median(baseline, efficiency) / median(shape, efficiency),
    met: atLeast(4),
  },
  ...(['fastest', '500-per-s', '100-per-s'] as const).map(
    (size): Target => ({
      name: `Bytes of a 1,000-token answer, ${size}: the baseline shape over v1`,
      target: '≥ 40 ×',
      unit: '×',
      scenario: 'answer-bytes',
      sizes: [size],
      needs: [v1, shape],
      measured: (median) => median(shape, 'bytesPerSubscriber') / median(v1, 'bytesPerSubscriber'),
      met: atLeast(40),
    }),
  ),
  {
    name: 'Bytes of a 1,000-token answer, 100-per-s: the baseline shape over compact v1',
    target: '≥ 45 ×',
    unit: '×',
    scenario: 'answer-bytes',
    sizes: ['100-per-s'],
    needs: ['callboard-v1-compact', shape],
    measured: (median) =>
      median(shape, 'bytesPerSubscriber') / median('callboard-v1-compact', 'bytesPerSubscriber'),
    met: atLeast(45),
  },
  {
    name: 'Frames per token of v1 at 500 tokens/s',
    target: '< 1',
    unit: '',
    scenario: 'answer-bytes',
    sizes: ['500-per-s'],
    needs: [v1],
    measured: (median) => median(v1, 'framesPerToken'),
    met: (measured) => measured < 1,
  },
  {
    name: 'What the default flush adds to p99 at 500 tokens/s, beside a flush per tick',
    target: '≤ 20 ms',
    unit: 'ms',
    scenario: 'answer-bytes',
    sizes: ['500-per-s'],
    needs: [v1, 'callboard-v1-no-flush'],
    measured: (median) => median(v1, 'p99Ms') - median('callboard-v1-no-flush', 'p99Ms'),
    met: atMost(20),
  },
  {
    name: '1,000 sessions × 50 tokens/s: v1 latency p99',
    target: '< 50 ms',
    unit: 'ms',
    scenario: 'many-sessions',
    sizes: ['1000x50'],
    needs: [v1],
    measured: (median) => median(v1, 'p99Ms'),
    met: (measured) => measured < heldP99MsMax,
  },
  {
    name: '1,000 sessions × 50 tokens/s, steady: v1 latency p99',
    target: '< 50 ms',
    unit: 'ms',
    scenario: 'steady',
    sizes: ['1000x50'],
    needs: [v1],
    measured: (median) => median(v1, 'p99Ms'),
    met: (measured) => measured < heldP99MsMax,
  },
  ...(['p50Ms', 'p99Ms'] as const).map(
    (metric): Target => ({
      name: `100 sessions × 50 tokens/s, steady: ${metric.slice(0, 3)} of v1 over that of a \`ws\` loop`,
      target: '≤ 1.5',
      unit: '',
      scenario: 'steady',
      sizes: ['100x50'],
      needs: [v1, 'ws-loop'],
      measured: (median) => median(v1, metric) / median('ws-loop', metric),
      met: atMost(1.5),
    }),
  ),
  {
    name: 'Thunder, 1,000 turns begin at once: p99 of 200 answers that stream, v1',
    target: '< 50 ms',
    unit: 'ms',
    scenario: 'thunder',
    sizes: ['200+1000'],
    needs: [v1],
    measured: (median) => median(v1, 'p99Ms'),
    met: (measured) => measured < heldP99MsMax,
  },
  {
    name: 'Thunder: first tokens of the 1,000, p99, v1',
    target: '≤ 1,500 ms',
    unit: 'ms',
    scenario: 'thunder',
    sizes: ['200+1000'],
    needs: [v1],
    measured: (median) => median(v1, 'firstTokenP99Ms'),
    met: atMost(1500),
  },
  {
    name: 'Highest rate of 1,000 sessions with p99 under 50 ms: v1',
    target: '≥ 50,000 tokens/s',
    unit: 'tokens/s',
    scenario: 'sustained-rate',
    sizes: ['1000'],
    needs: [v1],
    measured: (median) => median(v1, 'tokensPerSecond'),
    met: atLeast(50_000),
  },
  {
    name: 'A slow reader among fast ones: p99 of the fast ones with it over without, v1',
    target: '≤ 1.1',
    unit: '',
    scenario: 'slow-reader',
    sizes: ['20', '200'],
    needs: [v1],
    measured: (median) => median(v1, 'p99WithMs') / median(v1, 'p99WithoutMs'),
    met: atMost(1.1),
  },
  {
    name: 'Well-behaved principals beside abusers at their limits: p99 with over without',
    target: '≤ 1.2',
    unit: '',
    scenario: 'abusers',
    sizes: ['20'],
    needs: ['alone', 'abused'],
    measured: (median) => median('abused', 'p99Ms') / median('alone', 'p99Ms'),
    met: atMost(1.2),
  },
  {
    name: 'Idle v1 connection, 10,000 of them: resident memory of the server',
    target: '≤ 3,000 bytes',
    unit: 'bytes',
    scenario: 'density',
    sizes: ['connections-10000'],
    needs: [v1],
    measured: (median) => median(v1, 'bytesPerConnection'),
    met: atMost(3000),
  },
  {
    name: 'Live idle session: heap',
    target: '≤ 4,500 bytes',
    unit: 'bytes',
    scenario: 'density',
    sizes: ['sessions'],
    needs: ['actors'],
    measured: (median) => median('actors', 'bytesPerSession'),
    met: atMost(4500),
  },
  {
    name: 'Running turn: heap',
    target: '≤ 13,000 bytes',
    unit: 'bytes',
    scenario: 'density',
    sizes: ['sessions'],
    needs: ['actors'],
    measured: (median) => median('actors', 'bytesPerTurn'),
    met: atMost(13_000),
  },
  ...(['100', '100-rest'] as const).flatMap((size): Target[] => {
    const where = size === '100' ? 'at the door' : 'over REST';
    const about = { scenario: 'durable', sizes: [size], needs: ['PostgreSQL'] };
    return [
      {
        ...about,
        name: `Commands with commit on PostgreSQL, 100 sessions, ${where}`,
        target: '≥ 5,000/s',
        unit: '/s',
        measured: (median) => median('PostgreSQL', 'commandsPerSecond'),
        met: atLeast(5000),
      },
      {
        ...about,
        name: `Their p99, ${where}`,
        target: '< 50 ms',
        unit: 'ms',
        measured: (median) => median('PostgreSQL', 'answerP99Ms'),
        met: (measured) => measured < 50,
      },
    ];
  }),
  {
    name: 'A token of a provider over HTTP, in bursts: server CPU of v1',
    target: '≤ 15 µs',
    unit: 'µs',
    scenario: 'provider',
    sizes: ['burst'],
    needs: [v1],
    measured: (median) => median(v1, cpuOfToken),
    met: atMost(15),
  },
  {
    name: 'The same of one in the format of Anthropic',
    target: '≤ 15 µs',
    unit: 'µs',
    scenario: 'provider',
    sizes: ['burst-anthropic'],
    needs: [v1],
    measured: (median) => median(v1, cpuOfToken),
    met: atMost(15),
  },
  {
    name: 'A token of a provider over HTTP, in bursts: server CPU of v1 over that of the NestJS shape with `streamText`',
    target: '≤ 1/6',
    unit: '',
    scenario: 'provider',
    sizes: ['burst'],
    needs: [v1, 'nest-stream-text'],
    measured: (median) => median(v1, cpuOfToken) / median('nest-stream-text', cpuOfToken),
    met: atMost(1 / 6),
  },
  {
    name: '200 sessions × 50 tokens/s of a provider over HTTP: what v1 adds to the server CPU of a bare reader',
    target: '≤ 8 µs a token',
    unit: 'µs',
    scenario: 'provider',
    sizes: ['200x50'],
    needs: [v1, 'bare-reader'],
    measured: (median) => median(v1, cpuOfToken) - median('bare-reader', cpuOfToken),
    met: atMost(8),
  },
  {
    name: '200 sessions × 50 tokens/s of a provider over HTTP: p99 of v1 over that of a bare loop',
    target: '≤ 1.5',
    unit: '',
    scenario: 'provider',
    sizes: ['200x50'],
    needs: [v1, 'bare-loop'],
    measured: (median) => median(v1, 'p99Ms') / median('bare-loop', 'p99Ms'),
    met: atMost(1.5),
  },
  {
    name: 'Soak of ten minutes, 12 users, 25 turns/s: greatest resident memory',
    target: '≤ 320 MB',
    unit: 'MB',
    scenario: 'soak',
    sizes: ['10-minutes'],
    needs: [v1],
    measured: (median) => median(v1, 'greatestMegabytes'),
    met: atMost(320),
  },
  {
    name: 'Soak of ten minutes: it levels off; growth of resident memory in the last five minutes',
    target: '≤ 2 MB/min',
    unit: 'MB/min',
    scenario: 'soak',
    sizes: ['10-minutes'],
    needs: [v1],
    measured: (median) => median(v1, 'megabytesPerMinute'),
    met: atMost(2),
  },
  {
    name: 'Encodings per token of an answer that nobody hears',
    target: '< 0.01',
    unit: '',
    scenario: 'unheard',
    sizes: ['one-answer'],
    needs: [v1],
    measured: (median) => median(v1, 'encodingsPerToken'),
    // Checkpoints of the text are encoded for the database, once in some hundred tokens.
    met: (measured) => measured < 0.01,
  },
  {
    name: 'A token that an agent pushes over one stream: server CPU over that of a rehearsed token and its parsing',
    target: '≤ 1',
    unit: '',
    scenario: 'pushed',
    sizes: ['one-answer'],
    needs: ['pushed', 'rehearsed', 'parsed'],
    measured: (median) =>
      median('pushed', cpuOfToken) / (median('rehearsed', cpuOfToken) + median('parsed', cpuOfToken)),
    met: atMost(1),
  },
];

export function judgedTargets(tables: readonly ResultsTable[]): Results['targets'] {
  return targets.map((target) => {
    const { name, unit } = target;
    const about = { name, target: target.target, unit };
    const table = target.sizes
      .map((size) => tables.find((each) => each.scenario === target.scenario && each.size === size))
      .find((found) => found !== undefined);
    const rows = target.needs.map((need) => table?.rows.find(({ contestant }) => contestant === need));
    const timed = new Set<string>();
    const measured = target.measured((contestant, metric) => {
      const row = rows.find((each) => each?.contestant === contestant);
      if (isTime(table, metric)) timed.add(contestant);
      return row?.spreads[metric]?.median ?? Number.NaN;
    });
    if (!Number.isFinite(measured)) return { ...about, measured: null, met: null };
    const bad = rows.find((row) => row !== undefined && isBad(row));
    if (bad !== undefined)
      return { ...about, measured, met: null, note: `the run of ${bad.title} is invalid` };
    const starved = rows.find((row) => row?.starved !== undefined && timed.has(row.contestant));
    if (starved !== undefined)
      return { ...about, measured, met: null, note: `${starved.title} was starved of its processor` };
    return { ...about, measured, met: target.met(measured) };
  });
}

function isTime(table: ResultsTable | undefined, key: string): boolean {
  const metric = table?.metrics.find((each) => each.key === key);
  return metric?.counted !== true && metric?.ofProcessor !== true;
}

function isBad({ invalid, faults }: ResultsRow): boolean {
  return invalid.length > 0 || faults.length > 0;
}
