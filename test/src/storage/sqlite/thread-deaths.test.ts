/**
 * Goal: whenever a thread of SQLite dies, nothing that was acknowledged is lost and nothing is written twice. Method:
 * threads that end themselves at a drawn step of their work, and a writer who tries again as the outbox does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type JournalEntry, JournalUnavailable } from '../../../../actors/ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { openSqlite } from '../../../../src/storage/sqlite/open-sqlite.ts';
import { type StartWorker, startSqliteWorker } from '../../../../src/storage/sqlite/sqlite-thread.ts';
import type { Storage } from '../../../../src/storage/storage.ts';
import { entry, message, newId, session } from '../../../contract/sample-entries.ts';
import { cases } from '../../../effort.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The writing threads live for so many steps, one after the other; those after them do not die. */
function dying(lives: readonly number[]): { readonly start: StartWorker; readonly started: () => number } {
  let writers = 0;
  return {
    started: () => writers,
    start: (database) => {
      if (database.readOnly) return startSqliteWorker(database);
      const stepsToLive = lives[writers++];
      if (stepsToLive === undefined) return startSqliteWorker(database);
      return new Worker(new URL('./dying-thread.ts', import.meta.url), {
        workerData: { ...database, stepsToLive },
      });
    },
  };
}

/** Appends until the journal takes it, each time with what came meanwhile, as the outbox does. */
async function appended(
  { journal }: Storage,
  batch: readonly JournalEntry[],
  later: readonly JournalEntry[],
): Promise<readonly number[]> {
  for (let offered = batch; ; offered = [...batch, ...later]) {
    try {
      return await journal.append(offered);
    } catch (error) {
      expect(error).toBeInstanceOf(JournalUnavailable);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const id = newId<SessionId>();

function batchOf(count: number): readonly JournalEntry[] {
  return Array.from({ length: count }, () => entry.messageCreated(message(newId(), id, { content: 'x' })));
}

async function stored(storage: Storage): Promise<readonly (readonly [number, unknown])[]> {
  const entries = await storage.events({ after: 0, limit: 10_000 });
  return entries.map(({ seq, entry: { data } }) => [seq, Reflect.get(data, 'id')] as const);
}

async function holds(lives: readonly number[], batches: readonly (readonly [number, number])[]) {
  const { start, started } = dying(lives);
  const storage = await openSqlite(newFolder(), { startWorker: start });
  try {
    const answered: (readonly [number, unknown])[] = [];
    const write = async (batch: readonly JournalEntry[], later: readonly JournalEntry[]) => {
      const seqs = await appended(storage, batch, later);
      const written = seqs.length === batch.length ? batch : [...batch, ...later];
      expect(seqs).toHaveLength(written.length);
      for (const [index, { data }] of written.entries()) {
        answered.push([seqs[index] ?? 0, Reflect.get(data, 'id')]);
      }
      // Read by the other thread: what is acknowledged is there at once.
      expect(await stored(storage)).toEqual(answered);
    };
    await write([entry.sessionCreated(session(id))], []);
    for (const [count, more] of batches) await write(batchOf(count), batchOf(more));
    expect(answered.map(([seq]) => seq)).toEqual(answered.map((_, index) => index + 1));
    return started();
  } finally {
    await storage.close();
  }
}

describe('a thread of SQLite that dies', () => {
  it('[JRN7] [JRN28] leaves every batch written once, in order, at whatever step it died', async () => {
    let restarts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(24), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2)), { minLength: 1, maxLength: 4 }),
        async (lives, batches) => {
          restarts += (await holds(lives, batches)) - 1;
        },
      ),
      { numRuns: cases({ quick: 5, full: 60 }) },
    );
    expect(restarts).toBeGreaterThan(0);
  });

  it('[JRN28] answers batches that were given at once in their order, through a death', async () => {
    const { start, started } = dying([9]);
    const storage = await openSqlite(newFolder(), { startWorker: start });
    const batches = [[entry.sessionCreated(session(id))], ...[2, 1, 3].map(batchOf)];
    const seqs = await Promise.all(batches.map((batch) => storage.journal.append(batch)));
    expect(seqs).toEqual([[1], [2, 3], [4], [5, 6, 7]]);
    expect(started()).toBe(2);
    await storage.close();
    await expect(storage.journal.append(batchOf(1))).rejects.toBeInstanceOf(JournalUnavailable);
  });

  it('[JRN28] refuses while it keeps dying, and is used again when it lives', async () => {
    const { start, started } = dying(Array.from({ length: 4 }, () => 0));
    const storage = await openSqlite(newFolder(), { startWorker: start });
    const batch = [entry.sessionCreated(session(id))];
    await expect(storage.journal.append(batch)).rejects.toBeInstanceOf(JournalUnavailable);
    // The thread that reads lives.
    expect(await storage.readModel.session(id)).toBeUndefined();
    expect(await appended(storage, batch, [])).toEqual([1]);
    expect(started()).toBe(5);
    await storage.close();
  });

  it('[JRN28] closes after what waits is written', async () => {
    const folder = newFolder();
    const storage = await openSqlite(folder);
    const batches = [[entry.sessionCreated(session(id))], batchOf(2), batchOf(3)];
    const appends = batches.map((batch) => storage.journal.append(batch));
    await storage.close();
    expect(await Promise.all(appends)).toEqual([[1], [2, 3], [4, 5, 6]]);
    const again = await openSqlite(folder);
    expect(await stored(again)).toHaveLength(6);
    await again.close();
  });
});
