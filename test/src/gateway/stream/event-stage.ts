/** A gateway on the memory fake, for reading its SSE streams: written events are published as the outbox would. */

import { afterEach } from 'vitest';
import type { JournalEntry } from '../../../../actors/ports.ts';
import { cursorOf } from '../../../../schema/wire/cursor.ts';
import type { ConfiguredKeys } from '../../../../src/gateway/authentication/configured-keys.ts';
import type { GatewayOptions } from '../../../../src/gateway/gateway.ts';
import { entry } from '../../../contract/sample-entries.ts';
import { type MemoryStorage, memoryStorage } from '../../../fakes/memory-storage.ts';
import { sessionId } from '../fake-services.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';
import { EventReader } from './event-reader.ts';

export type Stage = RunningGateway & {
  readonly storage: MemoryStorage;
  /** Writes and publishes, as the outbox does; resolves with the `seq`s. */
  readonly emit: (...batch: JournalEntry[]) => Promise<readonly number[]>;
  readonly cursor: (seq: number) => string;
  readonly read: (path: string, headers?: Readonly<Record<string, string>>) => Promise<EventReader>;
};

const endings: (() => unknown)[] = [];

/** Calls `end` when the test has ended. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Closes everything that it opens when the test has ended. */
export async function stage(
  options: Partial<GatewayOptions & ConfiguredKeys> = {},
  storage = memoryStorage(),
): Promise<Stage> {
  const { newest } = await storage.eventLog.range();
  const running = await runGateway({ eventLog: storage.eventLog, newestSeq: newest, ...options });
  endings.push(() => running.gateway.close());
  return {
    ...running,
    storage,
    async emit(...batch) {
      const seqs = await storage.journal.append(batch);
      for (const [index, event] of batch.entries())
        running.gateway.publisher.durable(event, seqs[index] ?? 0);
      return seqs;
    },
    cursor: (seq) => cursorOf({ epoch: storage.eventLog.epoch, seq }),
    async read(path, headers) {
      const reader = await EventReader.open(running.port, path, headers);
      endings.push(() => reader.socket.destroy());
      return reader;
    },
  };
}

export const config = entry.config({ features: {}, theme: 'dark' });
export const activity = entry.activity(sessionId, 'thinking');
export const eventOf = (frame: unknown): unknown => Reflect.get(Object(frame), 'event');
export const seqOf = (frame: unknown): unknown => Reflect.get(Object(frame), 'seq');
