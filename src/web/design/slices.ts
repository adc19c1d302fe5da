/**
 * Work in slices: what would keep the page from answering is done in small parts, one after another, and whatever the
 * user does comes in between. All of the page shares one queue.
 */
import { useEffect, useState } from 'preact/hooks';

/** How long parts are done in one go, ms: with the drawing that follows it stays far below 100 ms. */
const sliceMs = 12;

type Part = () => void;

const waiting = new Set<Part>();
let isRunning = false;

/** Does `part` soon, after those that wait. Returns what takes it back. */
export function queueSlice(part: Part): () => void {
  // Another function for each call, so that a part may wait twice.
  const own = () => part();
  waiting.add(own);
  if (!isRunning) {
    isRunning = true;
    setTimeout(() => void run(), 0);
  }
  return () => {
    waiting.delete(own);
  };
}

async function run(): Promise<void> {
  const end = performance.now() + sliceMs;
  for (const part of waiting) {
    if (performance.now() >= end) break;
    waiting.delete(part);
    part();
    // What the part has changed is drawn now, and counts.
    await Promise.resolve();
  }
  if (waiting.size === 0) isRunning = false;
  else setTimeout(() => void run(), 0);
}

/** False at first if `isLarge`; true once it is its turn, and from then on. */
export function useSlice(isLarge: boolean): boolean {
  const [isItsTurn, setItsTurn] = useState(!isLarge);
  useEffect(() => (isItsTurn ? undefined : queueSlice(() => setItsTurn(true))), [isItsTurn]);
  return isItsTurn;
}
