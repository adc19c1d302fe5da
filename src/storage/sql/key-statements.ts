/** Statements and reads of stored keys (SPEC KEY), and of the fact that there has been authentication. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { JournalEntry } from '../../../actors/ports.ts';
import type { KeyId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { HeldKey } from '../../../schema/stored-key.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../../../schema/timestamp.ts';
import { databaseAnswer } from './database-answer.ts';
import type { KeyRow, Projection, Row } from './projection.ts';
import { insertInto, replaced } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

type KeyEntry = Extract<JournalEntry, { type: `key.${'created' | 'rotated' | 'revoked'}` }>;

export function projectKey(projection: Projection, { type, data, record, at }: KeyEntry): void {
  projection.apiKeys.set(data.id, {
    id: data.id,
    name: data.name,
    scopes: JSON.stringify(data.scopes),
    tenant: data.tenant,
    created_at: millisecondsOf(data.createdAt),
    created_by: data.createdBy,
    expires_at: data.expiresAt === null ? null : millisecondsOf(data.expiresAt),
    revoked_at: data.revokedAt === null ? null : millisecondsOf(data.revokedAt),
    secret_version: record.version,
    digest: record.digest,
    previous: record.previous === null ? null : JSON.stringify(record.previous),
  });
  if (type === 'key.created') projection.authentication ??= { id: 1, since: at };
  if (record.replaces === undefined) return;
  projection.apiKeys.delete(record.replaces);
  projection.forgottenKeys.add(record.replaces);
}

export const writeKeys: RowsStatement<KeyRow> = {
  columns: {
    id: 'text',
    name: 'text',
    scopes: 'text',
    tenant: 'text',
    created_at: 'number',
    created_by: 'text',
    expires_at: 'number',
    revoked_at: 'number',
    secret_version: 'number',
    digest: 'text',
    previous: 'text',
  },
  build(values) {
    return sql`${insertInto('api_keys', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do update set ${replaced(this.columns, ['id'])}`;
  },
};

export const forgetKeys: RowsStatement<{ id: KeyId }> = {
  columns: { id: 'text' },
  build: (values) =>
    sql`delete from api_keys where id in (select ${values.column('id')} from ${values.from})`,
};

/** The first time stays. */
export const noteAuthentication: RowsStatement<Row<'authentication'>> = {
  columns: { id: 'number', since: 'number' },
  build(values) {
    return sql`${insertInto('authentication', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do nothing`;
  },
};

/** In the order in which they were made. */
export async function readStoredKeys(db: Kysely<Tables>): Promise<readonly HeldKey[]> {
  const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(heldKeyOf);
}

function heldKeyOf(row: Selectable<Tables['api_keys']>): HeldKey {
  const time = (at: Milliseconds | null) => (at === null ? null : isoTimestamp(at));
  return {
    fact: {
      id: row.id,
      name: row.name,
      scopes: JSON.parse(row.scopes),
      tenant: row.tenant,
      createdAt: isoTimestamp(row.created_at),
      expiresAt: time(row.expires_at),
      revokedAt: time(row.revoked_at),
      createdBy: row.created_by,
    },
    secrets: {
      version: row.secret_version,
      digest: row.digest,
      previous: row.previous === null ? null : JSON.parse(row.previous),
    },
    lastUsedAt: row.last_used_at,
  };
}

/** What is kept of keys beside the journal. All reject with `JournalUnavailable`. */
export type KeyNotes = {
  /** Since when there has been authentication; `null`: there never was. */
  readonly authenticatedSince: () => Promise<Milliseconds | null>;
  /** There is authentication from now on. A later call changes nothing. */
  readonly noteAuthentication: (at: Milliseconds) => Promise<void>;
  /** When keys were used last, in one statement. A key that is not stored any more is left out. */
  readonly noteUses: (uses: ReadonlyMap<KeyId, Milliseconds>) => Promise<void>;
};

export function kyselyKeyNotes(db: Kysely<Tables>): KeyNotes {
  return {
    authenticatedSince: () =>
      databaseAnswer('authentication', async () => {
        const row = await db.selectFrom('authentication').select('since').executeTakeFirst();
        return row?.since ?? null;
      }),
    noteAuthentication: (since) =>
      databaseAnswer('authentication', async () => {
        await db
          .insertInto('authentication')
          .values({ id: 1, since })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),
    noteUses: (uses) =>
      databaseAnswer('last use of keys', async () => {
        if (uses.size === 0) return;
        const rows = sql.join([...uses].map(([id, at]) => sql`(cast(${id} as text), cast(${at} as bigint))`));
        await sql`update api_keys set last_used_at = v.column2 from (values ${rows}) as v
          where api_keys.id = v.column1`.execute(db);
      }),
  };
}
