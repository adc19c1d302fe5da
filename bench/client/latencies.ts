/**
 * Latency of each token: from the moment at which the engine emitted it to the read that brought it. Computed after
 * the run, so that it costs the client nothing while it reads. Each token of a frame has its own latency.
 */
import { build, type Histogram } from 'hdr-histogram-js';
import { z } from 'zod';

/** Microseconds: one minute, to three digits. */
const greatestUs = 60_000_000;

export const latencySchema = z.object({
  count: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});
export type Latency = z.infer<typeof latencySchema>;

export function newHistogram(): Histogram {
  return build({ highestTrackableValue: greatestUs, numberOfSignificantValueDigits: 3 });
}

export function recordMs(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.min(greatestUs, Math.max(0, Math.round(ms * 1000))));
}

export function latencyOf(histogram: Histogram): Latency {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  const count = histogram.totalCount;
  return {
    count,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    maxMs: count === 0 ? 0 : histogram.maxValue / 1000,
  };
}

/** Adds the tokens that one subscriber read and that were emitted in the measured time. */
export function recordReads(
  histogram: Histogram,
  reads: { readonly atMs: readonly number[]; readonly units: readonly number[] },
  emittedAtMs: Float64Array,
  ends: Int32Array,
  measured: { readonly fromMs: number; readonly untilMs: number },
): void {
  let token = 0;
  for (const [index, atMs] of reads.atMs.entries()) {
    const units = reads.units[index] ?? 0;
    for (; token < ends.length && (ends[token] ?? 0) <= units; token++) {
      const emitted = emittedAtMs[token] ?? 0;
      if (emitted >= measured.fromMs && emitted < measured.untilMs) recordMs(histogram, atMs - emitted);
    }
  }
}
