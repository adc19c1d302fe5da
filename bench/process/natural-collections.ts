/**
 * The heap in use after the garbage collections that happen by themselves. A collection on purpose would keep the heap
 * smaller than it is in a server that nobody measures.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';

let lowest = Number.POSITIVE_INFINITY;

/** From now on. */
export function watchCollections(): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (Reflect.get(Object(Reflect.get(entry, 'detail')), 'kind') === constants.NODE_PERFORMANCE_GC_MAJOR)
        lowest = Math.min(lowest, process.memoryUsage().heapUsed);
    }
  }).observe({ entryTypes: ['gc'] });
}

/** The least heap, bytes, right after a collection of everything since the last call; null if there was none. */
export function heapAfterCollections(): number | null {
  const heap = lowest;
  lowest = Number.POSITIVE_INFINITY;
  return Number.isFinite(heap) ? heap : null;
}
