/** Heap in use after garbage collection. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  // The second run frees what the first only unlinked.
  collect();
  collect();
}

/** Bytes. */
export function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
