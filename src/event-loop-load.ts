/** Measures how busy the process is. */
import { performance } from 'node:perf_hooks';

/** Returns a function that returns the event loop's busy share of the time since its previous call, 0 to 1. */
export function eventLoopLoad(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
