/**
 * Goal: one process per store on PostgreSQL ([JRN24]). Method: stores opened side by side, as two processes would, and
 * a proxy that makes connections vanish without the server's notice. `test/e2e/one-process.test.ts` has real processes.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalUnavailable } from '../../../../actors/ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { openPostgres, type PostgresOptions } from '../../../../src/storage/postgres/open-postgres.ts';
import type { Storage } from '../../../../src/storage/storage.ts';
import { StorageOpenError } from '../../../../src/storage/storage-open-error.ts';
import {
  createPostgresSchema,
  type PostgresSchema,
  postgresIsTested,
  silentLog,
} from '../../../contract/journal-backend.ts';
import { entry, newId, session } from '../../../contract/sample-entries.ts';
import { postgresProxy } from './postgres-proxy.ts';

describe.runIf(postgresIsTested('one process per store'))('one process per store on PostgreSQL', () => {
  let schema: PostgresSchema;
  const opened: Storage[] = [];
  const open = async (options: Partial<PostgresOptions> = {}): Promise<Storage> => {
    const storage = await openPostgres({
      databaseUrl: schema.url,
      log: silentLog,
      readConnections: 1,
      lockWaitMs: 0,
      ...options,
    });
    opened.push(storage);
    return storage;
  };
  beforeEach(async () => {
    schema = await createPostgresSchema();
  });
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close();
    await schema.drop();
  });
  const created = () => entry.sessionCreated(session(newId<SessionId>()));
  const endJournalConnections = () =>
    schema.query(
      `select pg_terminate_backend(pid, 5000) from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and objid = hashtext(current_schema())::bigint & 4294967295 and pid <> pg_backend_pid()`,
    );

  it('[JRN24] refuses a second process in one line, and lets it in when the first has left', async () => {
    const first = await open();
    const refused = open();
    await expect(refused).rejects.toBeInstanceOf(StorageOpenError);
    await expect(refused).rejects.toThrow(
      /^PostgreSQL at .* is in use by another Callboard process, which did not leave within 0 ms; stop that process first$/,
    );
    await first.close();
    await (await open()).journal.append([created()]);
  });

  it('[JRN24] a second process waits until the first leaves', async () => {
    const first = await open();
    const said = await new Promise<string>((resolve) => {
      const log = { ...silentLog, info: resolve };
      void open({ lockWaitMs: 20_000, log }).then((second) => second.journal.append([created()]));
    });
    expect(said).toMatch(/is in use by another Callboard process: waiting for it to leave$/);
    await first.close();
    while ((await schema.query('select 1 from events')).length === 0);
  });

  it('[JRN24] keeps stores in different schemas of one database apart', async () => {
    const other = await createPostgresSchema();
    await open();
    await open({ databaseUrl: other.url });
    for (const storage of opened.splice(0)) await storage.close();
    await other.drop();
  });

  it('[JRN24] takes the lock again, from an own connection that the server still believes in', async () => {
    const proxy = await postgresProxy(schema.url);
    const storage = await open({ databaseUrl: proxy.through(schema.url) });
    void proxy.next('delay commit');
    const first = created();
    expect(await storage.journal.append([first])).toHaveLength(1);
    expect(await schema.query('select 1 from events')).toHaveLength(1);
    await expect(open()).rejects.toBeInstanceOf(StorageOpenError);
    for (const one of opened.splice(0)) await one.close();
    await proxy.close();
  });

  it('[JRN24] writes nothing more once another process has written, and says so', async () => {
    let takenOver = 0;
    const first = await open({ onTakenOver: () => takenOver++ });
    await first.journal.append([created()]);
    await endJournalConnections();
    const second = await open({ lockWaitMs: 5000 });
    const waiting = first.journal.append([created()]);
    await expect(waiting).rejects.toBeInstanceOf(JournalUnavailable);
    expect(takenOver).toBe(0);
    await second.journal.append([created()]);
    await second.close();
    await expect(first.journal.append([created()])).rejects.toBeInstanceOf(JournalUnavailable);
    expect(takenOver).toBe(1);
    expect(await schema.query('select 1 from events')).toHaveLength(2);
  });

  it('[JRN24] goes on when another process held the lock but wrote nothing', async () => {
    const first = await open({ onTakenOver: () => expect.unreachable('nothing was written') });
    await first.journal.append([created()]);
    await endJournalConnections();
    await (await open({ lockWaitMs: 5000 })).close();
    expect(await first.journal.append([created()])).toHaveLength(1);
  });
});
