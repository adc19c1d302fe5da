/** How evenly a page draws. */
import type { Page } from 'playwright-core';

/** Times between animation frames, ms. */
export function framesOf(page: Page, seconds: number): Promise<readonly number[]> {
  return page.evaluate(
    `new Promise((resolve) => {
       const times = [];
       let before = performance.now();
       const end = before + ${seconds * 1000};
       const next = (now) => {
         times.push(now - before);
         before = now;
         if (now < end) requestAnimationFrame(next);
         else resolve(times.slice(1));
       };
       requestAnimationFrame(next);
     })`,
  );
}

export function framesInWords(frames: readonly number[]): string {
  const sorted = frames.toSorted((one, other) => one - other);
  const quantile = (at: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))];
  const parts = [0.5, 0.95, 0.99, 1].map((at) => `p${at * 100} ${quantile(at)?.toFixed(1)} ms`);
  return `${frames.length}, ${parts.join(', ')}`;
}
