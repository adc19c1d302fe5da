/**
 * Goal: on PostgreSQL a batch is written exactly once, whatever happens to its connection, and `seq` order is commit
 * order with several writers. Method: a proxy that loses connections at the worst moments; two writers and a reader.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JournalEntry, JournalRejected, JournalUnavailable } from '../../../../actors/ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { migrations } from '../../../../schema/storage/migrations.ts';
import { openPostgres } from '../../../../src/storage/postgres/open-postgres.ts';
import type { Storage } from '../../../../src/storage/storage.ts';
import {
  createPostgresSchema,
  type PostgresSchema,
  postgresIsTested,
  silentLog,
} from '../../../contract/journal-backend.ts';
import { entry, newId, session } from '../../../contract/sample-entries.ts';
import { type PostgresProxy, postgresProxy } from './postgres-proxy.ts';

const tested = postgresIsTested('lost connections and several writers on PostgreSQL');

describe.runIf(tested)('a journal whose connection breaks', () => {
  let schema: PostgresSchema;
  let proxy: PostgresProxy;
  let storage: Storage;
  let id: SessionId;
  beforeAll(async () => {
    schema = await createPostgresSchema();
    proxy = await postgresProxy(schema.url);
    // Shared: an exclusive lock makes the journal end its old connection first, and these faults need it alive.
    storage = await openPostgres({
      databaseUrl: proxy.through(schema.url),
      log: silentLog,
      processLock: 'shared',
    });
    id = newId();
    await storage.journal.append([entry.sessionCreated(session(id))]);
  });
  afterAll(async () => {
    await storage.close();
    await proxy.close();
    await schema.drop();
  });

  /** The `seq`s of the events with this mark. */
  const seqsMarked = async (mark: string): Promise<unknown[]> => {
    const rows = await schema.query('select seq from events where command_id = $1 order by seq', [mark]);
    return rows.map((row) => Number(Reflect.get(row, 'seq')));
  };
  const marked = (mark: string, count: number): JournalEntry[] =>
    Array.from({ length: count }, () => ({ ...entry.activity(id, 'thinking'), commandId: mark as never }));

  it('[JRN7] writes a batch once when the answer to commit is lost', async () => {
    const mark = newId<SessionId>();
    const met = proxy.next('lose the answer to commit');
    const seqs = await storage.journal.append(marked(mark, 3));
    await met;
    expect(seqs).toHaveLength(3);
    expect(await seqsMarked(mark)).toEqual(seqs);
  });

  it('[JRN7] writes a batch once when commit itself is lost', async () => {
    const mark = newId<SessionId>();
    const met = proxy.next('lose commit');
    const seqs = await storage.journal.append(marked(mark, 3));
    await met;
    expect(await seqsMarked(mark)).toEqual(seqs);
  });

  it('[JRN7] writes a batch once when the lost commit arrives after the second attempt', async () => {
    const mark = newId<SessionId>();
    const met = proxy.next('delay commit');
    const seqs = await storage.journal.append(marked(mark, 3));
    await met;
    await proxy.deliver();
    expect(await seqsMarked(mark)).toEqual(seqs);
  });

  it('[JRN7] finds out with the next append, which brings more, when the server cannot be reached', async () => {
    for (const fault of ['lose the answer to commit', 'lose commit'] as const) {
      const mark = newId<SessionId>();
      const batch = marked(mark, 3);
      void proxy.next(fault).then(() => proxy.refuse(true));
      await expect(storage.journal.append(batch)).rejects.toBeInstanceOf(JournalUnavailable);
      await expect(storage.journal.append(batch)).rejects.toBeInstanceOf(JournalUnavailable);
      proxy.refuse(false);
      const seqs = await storage.journal.append([...batch, ...marked(mark, 2)]);
      expect(seqs).toHaveLength(5);
      expect(await seqsMarked(mark)).toEqual(seqs);
    }
  });

  it('[JRN7] a batch that was given up in doubt is not written later', async () => {
    const [given, next] = [newId<SessionId>(), newId<SessionId>()];
    void proxy.next('delay commit').then(() => proxy.refuse(true));
    await expect(storage.journal.append(marked(given, 3))).rejects.toBeInstanceOf(JournalUnavailable);
    proxy.refuse(false);
    const seqs = await storage.journal.append(marked(next, 2));
    await proxy.deliver();
    expect(await seqsMarked(given)).toEqual([]);
    expect(await seqsMarked(next)).toEqual(seqs);
  });

  it('[JRN2] [JRN14] rejects a batch that breaks a rule of the database, whole, and goes on', async () => {
    const mark = newId<SessionId>();
    const broken = entry.sessionCreated(session(newId(), { title: null as never }));
    await expect(storage.journal.append([...marked(mark, 2), broken])).rejects.toBeInstanceOf(
      JournalRejected,
    );
    expect(await seqsMarked(mark)).toEqual([]);
    const seqs = await storage.journal.append(marked(mark, 1));
    expect(await seqsMarked(mark)).toEqual(seqs);
  });

  // Before the fix: a pool listens only to its idle connections, and Kysely, which uses the others, does not listen.
  // The error of a connection that broke during a read had no listener and ended the process. Found by killing
  // PostgreSQL under load.
  it('[JRN14] [JRN16] survives when a connection breaks in the middle of a read', async () => {
    await schema.query('begin; lock table sessions in access exclusive mode');
    const read = storage.readModel.sessions({ limit: 1 });
    read.catch(() => {});
    await readWaits(schema);
    proxy.cut();
    await expect(read).rejects.toBeInstanceOf(JournalUnavailable);
    await schema.query('rollback');
    expect(await storage.readModel.sessions({ limit: 1 })).toHaveLength(1);
  });

  it('[JRN14] reads are unavailable while the server is, and come back by themselves', async () => {
    await storage.close();
    await expect(storage.readModel.session(id)).rejects.toBeInstanceOf(JournalUnavailable);
    await expect(storage.journal.append(marked(newId<SessionId>(), 1))).rejects.toBeInstanceOf(
      JournalUnavailable,
    );
    storage = await openPostgres({ databaseUrl: proxy.through(schema.url), log: silentLog });
    expect(await storage.readModel.session(id)).toBeDefined();
  });

  it('prunes the marks of its batches', async () => {
    for (let round = 0; round < 300; round++) await storage.journal.append([entry.activity(id, 'idle')]);
    const rows = await schema.query('select count(*) as count from journal_batches');
    expect(Number(Reflect.get(rows[0] ?? {}, 'count'))).toBeLessThan(256 + 20);
  });
});

describe.runIf(tested)('several processes on one database', () => {
  it('[JRN15] migrate it once when they start together', async () => {
    const schema = await createPostgresSchema();
    const open = () =>
      openPostgres({ databaseUrl: schema.url, log: silentLog, readConnections: 1, processLock: 'shared' });
    const storages = await Promise.all([open(), open(), open()]);
    const runs = await schema.query('select name from kysely_migration');
    expect(runs).toEqual(Object.keys(migrations).map((name) => ({ name })));
    await Promise.all(storages.map((storage) => storage.close()));
    await schema.drop();
  });

  it('[JRN11] a reader that follows `seq` misses nothing of two writers', async () => {
    const schema = await createPostgresSchema();
    const open = () =>
      openPostgres({ databaseUrl: schema.url, log: silentLog, readConnections: 1, processLock: 'shared' });
    const [first, second] = [await open(), await open()];
    const id = newId<SessionId>();
    await first.journal.append([entry.sessionCreated(session(id))]);
    const batches = 100;
    const write = async (storage: Storage) => {
      for (let round = 0; round < batches; round++) {
        await storage.journal.append([1, 2, 3].map(() => entry.activity(id, 'thinking')));
      }
    };
    const total = 1 + 2 * batches * 3;
    const seen: number[] = [];
    const follow = async () => {
      while (seen.length < total) {
        const events = await first.events({ after: seen.at(-1) ?? 0, limit: 1000 });
        seen.push(...events.map((event) => event.seq));
        const last = await schema.query('select count(*) as count from events where seq <= $1', [
          seen.at(-1),
        ]);
        expect(Number(Reflect.get(last[0] ?? {}, 'count'))).toBe(seen.length);
      }
    };
    await Promise.all([write(first), write(second), follow()]);
    expect(seen).toHaveLength(total);
    await Promise.all([first.close(), second.close()]);
    await schema.drop();
  });
});

/** Resolves when the server has a reader that waits for a lock. */
async function readWaits(schema: PostgresSchema): Promise<void> {
  const waiting =
    "select 1 from pg_stat_activity where application_name = 'callboard reads' and wait_event_type = 'Lock'";
  while ((await schema.query(waiting)).length === 0);
}
