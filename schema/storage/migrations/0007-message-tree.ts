/**
 * Messages become parts of a tree, and a failure the status of an answer: `tables.ts` explains the columns. An old
 * session becomes one path: what is no answer in the order of creation, each followed by its answer. What waits for its
 * turn stays in the queue.
 */
import { type ColumnDataType, type Kysely, PostgresAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await addColumns(db);
  await db.schema
    .createTable('messages_to_delete')
    .addColumn('session_id', 'text', (definition) => definition.notNull())
    .addColumn('id', 'text', (definition) => definition.notNull())
    .addPrimaryKeyConstraint('messages_to_delete_pkey', ['session_id', 'id'])
    .execute();
  await endFailureMessages(db);
  await placeMessages(db);
  await sql`alter table turns drop column failure_id`.execute(db);
  await sql`create index waiting_messages on messages (session_id, queue_rank, position)
    where queue_rank is not null`.execute(db);
}

async function addColumns(db: Kysely<unknown>): Promise<void> {
  const whole: ColumnDataType = db.getExecutor().adapter instanceof PostgresAdapter ? 'bigint' : 'integer';
  // One column per statement, because SQLite cannot add more at a time.
  const add = (table: string, column: string, type: ColumnDataType, value?: string | number) =>
    db.schema
      .alterTable(table)
      .addColumn(column, type, (definition) =>
        value === undefined ? definition : definition.notNull().defaultTo(value),
      )
      .execute();
  await add('sessions', 'leaf_id', 'text');
  await add('sessions', 'forked_from', 'text');
  await add('messages', 'parent_id', 'text');
  await add('messages', 'queue_rank', whole);
  await add('messages', 'prompt_id', 'text');
  await add('messages', 'status', 'text', 'complete');
  await add('messages', 'marks', 'text');
  await add('messages', 'model', 'text');
  await add('messages', 'usage', 'text');
  await add('message_pieces', 'marks', 'text');
  await add('turns', 'rank', whole, 0);
  await add('turns', 'continues_at', whole);
  await add('turns', 'steers', whole, 0);
  await sql`update turns set rank = position`.execute(db);
  await db.schema.createIndex('turns_of_prompt').on('turns').columns(['prompt_id', 'position']).execute();
}

/**
 * A failure had a message of its own with a fixed text. Where nothing else was said, that message becomes the answer,
 * without text; else it goes.
 */
async function endFailureMessages(db: Kysely<unknown>): Promise<void> {
  const failures = sql`select failure.position from turns join messages as failure on failure.id = turns.failure_id`;
  const spoken = sql`exists (select 1 from messages as answer where answer.id = turns.answer_id)`;
  await sql`delete from message_terms where rowid in (${failures})`.execute(db);
  await sql`delete from messages where position in (${failures} where ${spoken})`.execute(db);
  await sql`update messages set content = '' where position in (${failures})`.execute(db);
  await sql`update turns set answer_id = failure_id
    where exists (select 1 from messages as failure where failure.id = turns.failure_id)`.execute(db);
  await db.schema.createIndex('turns_of_answer').on('turns').columns(['answer_id', 'position']).execute();
}

async function placeMessages(db: Kysely<unknown>): Promise<void> {
  await sql`update messages set queue_rank = waiting.rank
    from (select min(turns.rank) as rank, turns.prompt_id from turns where turns.status = 'queued'
      group by turns.prompt_id) as waiting
    where waiting.prompt_id = messages.id`.execute(db);
  // `status` first says what became of the turn; a prompt that is gone leaves its answer where it is.
  await sql`update messages set parent_id = placed.parent_id, prompt_id = placed.prompt_id, status =
    case placed.turn_status
      when 'failed' then 'failed' when 'cancelled' then 'cancelled' when 'interrupted' then 'interrupted'
      when 'running' then 'streaming'
      when 'completed' then
        case when messages.finish_reason in ('length', 'content-filter') then 'cut-off' else 'complete' end
      else 'complete' end
    from (
      select message.position, turn.prompt_id, turn.status as turn_status,
        lag(message.id) over (partition by message.session_id
          order by coalesce(prompt.position, message.position),
            case when prompt.position is null then 0 else 1 end, message.position) as parent_id
      from messages as message
      left join turns as turn on turn.answer_id = message.id
      left join messages as prompt on prompt.id = turn.prompt_id and prompt.session_id = message.session_id
      where message.queue_rank is null
    ) as placed where placed.position = messages.position`.execute(db);
  // Without the session, which is that of the parent: each message is written into it, and it is half as large.
  await db.schema.createIndex('messages_of_parent').on('messages').column('parent_id').execute();
  // The end of each path: nothing is below it.
  await sql`update sessions set leaf_id = leaf.id
    from (select message.id, message.session_id from messages as message where message.queue_rank is null
      and not exists (select 1 from messages as child
        where child.parent_id = message.id)) as leaf
    where leaf.session_id = sessions.id`.execute(db);
}
