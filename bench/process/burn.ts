/** Keeps a process busy, to test that one that is starved is detected. */
import { monotonicMs } from './monotonic.ts';

const turnMs = 50;

export async function burn(ms: number): Promise<void> {
  const end = monotonicMs() + ms;
  while (monotonicMs() < end) {
    const turnEnd = monotonicMs() + turnMs;
    while (monotonicMs() < turnEnd);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
