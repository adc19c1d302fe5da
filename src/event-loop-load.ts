/** How busy the process is. */
import { performance } from 'node:perf_hooks';

/** A function that answers which share of the time since its last call the event loop was busy, 0 to 1. */
export function eventLoopLoad(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
