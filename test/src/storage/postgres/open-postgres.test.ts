/** Goal: when PostgreSQL cannot be used, one line says why, without secrets. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../../../src/storage/open-storage.ts';
import { openPostgres } from '../../../../src/storage/postgres/open-postgres.ts';
import { StorageOpenError } from '../../../../src/storage/storage-open-error.ts';
import {
  createPostgresSchema,
  postgresIsTested,
  silentLog,
  testDatabaseUrl,
} from '../../../contract/journal-backend.ts';

async function openError(databaseUrl: string): Promise<string> {
  const error: unknown = await openStorage({ databaseUrl, dataFolder: '/nowhere', log: silentLog }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StorageOpenError)) throw new Error(`not a StorageOpenError: ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error.message;
}

/** A port that was free a moment ago and on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('opening PostgreSQL', () => {
  it('[JRN13] says that nobody listens, and where, without the password', async () => {
    const port = await closedPort();
    const message = await openError(`postgres://anna:s3cret%21@127.0.0.1:${port}/chat`);
    expect(message).toBe(`PostgreSQL at anna@127.0.0.1:${port}/chat refused the connection; is it running?`);
  });

  it('[JRN13] says that the server hangs up, without the password', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const message = await openError(`postgres://anna:s3cret@127.0.0.1:${port}/chat`);
    expect(message).toMatch(/^PostgreSQL at anna@127\.0\.0\.1:\d+\/chat cannot be used: /);
    expect(message).not.toContain('s3cret');
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['mysql://anna:s3cret@host/chat', 's3cret', 'postgres://anna:s3cret@ho st:99999999/chat'])(
    '[JRN13] refuses a URL that is none of PostgreSQL, without quoting it: %s',
    async (url) => {
      const message = await openError(url);
      expect(message).toMatch(/^The database URL /);
      expect(message).not.toContain('s3cret');
    },
  );
});

describe.runIf(postgresIsTested('errors when PostgreSQL is opened'))('opening a running PostgreSQL', () => {
  const url = (change: (url: URL) => void): string => {
    const changed = new URL(testDatabaseUrl ?? '');
    change(changed);
    return changed.href;
  };

  it('[JRN13] says that there is no such database', async () => {
    const message = await openError(url((one) => (one.pathname = '/no_such_database')));
    expect(message).toMatch(/has no such database; create it$/);
  });

  it('[JRN13] says that the user or password is refused', async () => {
    const message = await openError(
      url((one) => {
        one.username = 'no_such_user';
        one.password = 's3cret';
      }),
    );
    expect(message).toMatch(/no_such_user@.* refused the user or password$/);
    expect(message).not.toContain('s3cret');
  });

  it('[JRN13] says that there is no schema to use', async () => {
    const message = await openError(
      url((one) => one.searchParams.set('options', '-c search_path=no_such_schema')),
    );
    expect(message).toMatch(/has no schema on its search path; create one$/);
  });

  it('[JRN13] says that the database is read-only', async () => {
    const schema = await createPostgresSchema();
    const readOnly = new URL(schema.url);
    const options = readOnly.searchParams.get('options');
    readOnly.searchParams.set('options', `${options} -c default_transaction_read_only=on`);
    expect(await openError(readOnly.href)).toMatch(/is read-only$/);
    await schema.drop();
  });

  it('[JRN15] refuses a database made by a newer program', async () => {
    const schema = await createPostgresSchema();
    await (await openPostgres({ databaseUrl: schema.url, log: silentLog })).close();
    await schema.query("insert into kysely_migration values ('9999-later', '2099-01-01')");
    expect(await openError(schema.url)).toMatch(/made by a newer Callboard \(it has 9999-later\)/);
    await schema.drop();
  });

  it('[JRN1] is there after a restart', async () => {
    const schema = await createPostgresSchema();
    const open = () => openPostgres({ databaseUrl: schema.url, log: silentLog });
    const first = await open();
    await first.journal.append([
      { type: 'config.updated', sessionId: null, data: { features: {}, theme: 'light' }, at: 1 },
    ]);
    await first.close();
    const second = await open();
    expect(await second.readModel.runtimeConfig()).toEqual({ features: {}, theme: 'light' });
    expect(second.kind).toBe('postgresql');
    await second.close();
    await schema.drop();
  });
});
