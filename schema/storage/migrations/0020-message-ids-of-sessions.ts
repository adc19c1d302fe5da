/**
 * Ids of messages are unique within their session, no longer in the store: `tables.ts` explains the tables. Every index
 * by the id of a message has its session, too, so that messages of other sessions cost nothing; as an expression, for
 * the reason that `src/storage/sql/joined-rows.ts` gives.
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    await sql`alter table messages drop constraint messages_id_key`.execute(db);
    for (const [table, columns] of Object.entries(keys)) {
      await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(`${table}_pkey`)},
        add constraint ${sql.ref(`${table}_pkey`)} primary key (${names(columns)})`.execute(db);
    }
    await changeIndexes(db);
    return;
  }
  // Kysely runs no migration of SQLite in a transaction. A process may die here, or after it, before Kysely notes it.
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`select 1 from sqlite_master where name = 'messages_of_id'`.execute(
      transaction,
    );
    if (rows.length > 0) return;
    await rebuild(transaction, 'messages', ['position']);
    for (const [table, columns] of Object.entries(keys)) await rebuild(transaction, table, columns);
    await changeIndexes(transaction);
  });
}

const keys = {
  deleted_messages: ['session_id', 'id'],
  file_references: ['file_id', 'session_id', 'message_id'],
} as const;

async function changeIndexes(db: Kysely<unknown>): Promise<void> {
  // The new primary key begins with its column.
  await db.schema.dropIndex('deleted_messages_of_session').execute();
  const session = sql`(session_id || '')`;
  await sql`create unique index messages_of_id on messages (id, ${session})`.execute(db);
  for (const index of ['messages_of_parent', 'turns_of_prompt', 'turns_of_answer']) {
    await db.schema.dropIndex(index).execute();
  }
  await sql`create index messages_of_parent on messages (parent_id, ${session})`.execute(db);
  await sql`create index turns_of_prompt on turns (prompt_id, ${session}, position)`.execute(db);
  await sql`create index turns_of_answer on turns (answer_id, ${session}, position)`.execute(db);
}

type Column = {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
};

/**
 * SQLite cannot drop a constraint: the table is made anew with its columns, rows and indexes, and no constraint but this
 * key. `position` stays, by which `message_terms` finds its message.
 */
async function rebuild(db: Kysely<unknown>, table: string, key: readonly string[]): Promise<void> {
  const { rows: columns } = await sql<Column>`select name, type, "notnull", dflt_value
    from pragma_table_info(${table}) order by cid`.execute(db);
  const { rows: indexes } = await sql<{ sql: string }>`select sql from sqlite_master
    where type = 'index' and tbl_name = ${table} and sql is not null`.execute(db);
  const rebuilt = sql.table(`${table}_rebuilt`);
  const definitions = columns.map(({ name, type, notnull, dflt_value }) => {
    const required = notnull === 1 ? sql` not null` : sql``;
    const standard = dflt_value === null ? sql`` : sql` default ${sql.raw(dflt_value)}`;
    return sql`${sql.ref(name)} ${sql.raw(type)}${required}${standard}`;
  });
  await sql`create table ${rebuilt} (${sql.join(definitions)}, primary key (${names(key)}))`.execute(db);
  const all = names(columns.map(({ name }) => name));
  await sql`insert into ${rebuilt} (${all}) select ${all} from ${sql.table(table)} order by rowid`.execute(
    db,
  );
  await sql`drop table ${sql.table(table)}`.execute(db);
  await sql`alter table ${rebuilt} rename to ${sql.ref(table)}`.execute(db);
  for (const index of indexes) await sql.raw(index.sql).execute(db);
}

function names(columns: readonly string[]) {
  return sql.join(columns.map((name) => sql.ref(name)));
}
