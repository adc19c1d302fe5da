/**
 * The memory of sessions and turns, and how fast they start: the real actors over SQLite, with an engine that only
 * waits.
 */

import { startLiveSystem } from '../../actors/live-system.ts';
import type { Engine } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import { systemClock } from '../../src/clock.ts';
import { systemIds } from '../../src/ids.ts';
import { leasesOf } from '../../src/leases.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { usedHeap } from '../process/heap.ts';
import { acceptedValue, type MeasuredSystem, newSession, nobody, silentLog } from './measured-system.ts';
import { noFiles } from './no-files.ts';

export type SessionWeight = {
  /** Heap of an idle session, including its seat in the registry. */
  readonly bytesPerSession: number;
  /** Heap added by a running turn: its actors, its text so far, its engine call. */
  readonly bytesPerTurn: number;
  readonly sessionsPerSecond: number;
  /** Counts the actors of turns: turn, trace, answer, engine. */
  readonly turnActorsPerSecond: number;
};

const actorsPerTurn = 4;
const atOnce = 100;

export async function sessionWeight(
  storage: Pick<Storage, 'journal' | 'readModel'>,
  count: number,
): Promise<SessionWeight> {
  let streaming = 0;
  let allStream = () => {};
  const engine: Engine = {
    name: 'waiting',
    async *stream(_request, signal) {
      yield { type: 'text', text: 'One moment' };
      streaming++;
      if (streaming === count) allStream();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
  const system = await startLiveSystem({
    journal: storage.journal,
    readModel: storage.readModel,
    files: noFiles,
    publisher: nobody,
    engine,
    tools: createToolBox([]),
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    leases: leasesOf('bench'),
    random: Math.random,
  });
  const measured: MeasuredSystem = { system, takeCommits: () => [] };
  // The first sessions build what all of them share.
  for (let made = 0; made < atOnce; made++) await newSession(measured);
  const empty = usedHeap();
  const sessions: SessionId[] = [];
  const sessionMs = await timed(async () => {
    while (sessions.length < count) {
      const batch = Array.from({ length: Math.min(atOnce, count - sessions.length) }, () =>
        newSession(measured),
      );
      sessions.push(...(await Promise.all(batch)));
    }
  });
  const idle = usedHeap();
  const turnMs = await timed(async () => {
    const started = new Promise<void>((resolve) => {
      allStream = resolve;
    });
    for (let begun = 0; begun < count; begun += atOnce) {
      await Promise.all(sessions.slice(begun, begun + atOnce).map((session) => ask(measured, session)));
    }
    await started;
  });
  const busy = usedHeap();
  await system.drain(0);
  await system.stop();
  return {
    bytesPerSession: (idle - empty) / count,
    bytesPerTurn: (busy - idle) / count,
    sessionsPerSecond: (count / sessionMs) * 1000,
    turnActorsPerSecond: ((count * actorsPerTurn) / turnMs) * 1000,
  };
}

async function ask({ system }: MeasuredSystem, session: SessionId): Promise<void> {
  const message = { role: 'user', content: 'Well?', toolCallId: undefined, name: undefined } as const;
  acceptedValue(await system.door.addMessage(session, message));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
