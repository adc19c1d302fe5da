/** What an idle session actor weighs. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { measuredSystem, newSession } from './measured-system.ts';
import { memoryJournal } from './memory-journal.ts';

/** Bytes of heap per idle session in memory, its seat in the registry included. */
export async function bytesPerSession(count: number): Promise<number> {
  const measured = await measuredSystem(memoryJournal());
  // The first builds what all of them share.
  await newSession(measured);
  const before = usedHeap();
  for (let made = 0; made < count; made++) await newSession(measured);
  measured.takeCommits();
  const bytes = (usedHeap() - before) / count;
  if (measured.system.registry.size !== count + 1) throw new Error('a session has left memory');
  await measured.system.stop();
  return bytes;
}

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
