/**
 * Work in slices: what would keep the page from answering is done in small parts, one after another, and whatever the
 * user does comes in between. All of the page shares one queue.
 */
import { useEffect, useState } from 'preact/hooks';

/** How long parts are done in one go, ms: with the drawing that follows it stays far below 100 ms. */
const sliceMs = 12;

type Part = () => void;

/** What the page must show; then what only makes it look better. */
const needed = new Set<Part>();
const decorating = new Set<Part>();
let isRunning = false;

/** Does `part` soon, after those that wait; if it `isDecoration`, after everything else. Returns what takes it back. */
export function queueSlice(part: Part, isDecoration = false): () => void {
  // Another function for each call, so that a part may wait twice.
  const own = () => part();
  const queue = isDecoration ? decorating : needed;
  queue.add(own);
  if (!isRunning) {
    isRunning = true;
    setTimeout(() => void run(), 0);
  }
  return () => {
    queue.delete(own);
  };
}

async function run(): Promise<void> {
  const end = performance.now() + sliceMs;
  do {
    const queue = needed.size > 0 ? needed : decorating;
    const [part] = queue;
    if (part === undefined) break;
    queue.delete(part);
    try {
      part();
    } catch (error) {
      // The others go on.
      reportError(error);
    }
    // What the part has changed is drawn now, and counts.
    await Promise.resolve();
  } while (performance.now() < end);
  isRunning = needed.size + decorating.size > 0;
  if (isRunning) setTimeout(() => void run(), 0);
}

/** False at first if `isLarge`; true once it is its turn, and from then on. `isDecoration`: see {@link queueSlice}. */
export function useSlice(isLarge: boolean, isDecoration = false): boolean {
  const [isItsTurn, setItsTurn] = useState(!isLarge);
  useEffect(() => (isItsTurn ? undefined : queueSlice(() => setItsTurn(true), isDecoration)), [isItsTurn]);
  return isItsTurn;
}
