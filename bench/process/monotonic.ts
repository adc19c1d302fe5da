/**
 * One clock for all processes of a run. `performance.now` counts from the start of its process; the system's monotonic
 * clock behind it (CLOCK_MONOTONIC) is the same for every process of a machine, so the difference is taken once.
 */
const [seconds, nanoseconds] = process.hrtime();
const originMs = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** Milliseconds of the machine's monotonic clock, to about a microsecond. Comparable between processes. */
export function monotonicMs(): number {
  return originMs + performance.now();
}
