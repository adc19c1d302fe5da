/**
 * Whether a process got the processor that it is pinned to. The system counts how long each thread was ready to run and did
 * not (`/proc/PID/task/TID/schedstat`), and how each processor was used (`/proc/stat`). A main thread waits for its own
 * process's other threads, too, which is nobody's fault: so a wait counts only as far as others used the processor.
 */
import { readFileSync } from 'node:fs';
import { monotonicMs } from './monotonic.ts';
import { cpuMs } from './usage.ts';

/** What the process had used and waited for at one moment. */
export type ProcessorUse = {
  readonly atMs: number;
  /** Milliseconds of processor time of all its threads; `NaN` without `/proc`. */
  readonly usedMs: number;
  /** How long the main thread was ready and did not run; `NaN` without `/proc`, or when it may run on several processors. */
  readonly waitedMs: number;
  /** How long programs ran on its processor, this one included. */
  readonly ranMs: number;
  /** How long the host of this machine had its processor. */
  readonly stolenMs: number;
};

/** Linux counts the use of processors in hundredths of a second. */
const tickMs = 10;

export function processorUse(pid: number): ProcessorUse {
  const use = { atMs: monotonicMs(), usedMs: cpuMs(pid) };
  try {
    const [, waited] = read(`/proc/${pid}/task/${pid}/schedstat`).split(' ');
    const processor = /^Cpus_allowed_list:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
    const line = new RegExp(`^cpu${processor} (.*)$`, 'm').exec(read('/proc/stat'))?.[1] ?? '';
    const [user = Number.NaN, nice = 0, system = 0, , , , , stolen = 0] = line.split(' ').map(Number);
    return {
      ...use,
      waitedMs: Number(waited) / 1e6,
      ranMs: (user + nice + system) * tickMs,
      stolenMs: stolen * tickMs,
    };
  } catch {
    return { ...use, waitedMs: Number.NaN, ranMs: Number.NaN, stolenMs: Number.NaN };
  }
}

/**
 * For what share of the time between the two the process wanted to run while others had its processor. `null` where it cannot
 * be told: without `/proc`, or when the process is not pinned.
 */
export function starvedShare(began: ProcessorUse, ended: ProcessorUse): number | null {
  const ms = ended.atMs - began.atMs;
  const othersMs = ended.ranMs - began.ranMs - (ended.usedMs - began.usedMs);
  const stolenMs = ended.stolenMs - began.stolenMs;
  const waitedMs = ended.waitedMs - began.waitedMs;
  // The host takes the processor of a thread that counts as running.
  const starvedMs = Math.max(0, Math.min(waitedMs, othersMs)) + stolenMs;
  return Number.isFinite(starvedMs) && ms > 0 ? Math.min(1, starvedMs / ms) : null;
}

function read(file: string): string {
  return readFileSync(file, 'latin1');
}
