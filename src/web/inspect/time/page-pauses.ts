/** Pauses in long work of a page, so that it can draw and answer in between. */
import type { Pause } from '../../../../actors/replay/history-pages.ts';

/** Work goes on for this long at a time, ms. */
const sliceMs = 12;

export function pagePauses(): Pause {
  let pausedAt = performance.now();
  return () => {
    if (performance.now() - pausedAt < sliceMs) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        pausedAt = performance.now();
        resolve();
      });
    });
  };
}
