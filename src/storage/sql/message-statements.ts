/** The statements that write messages and their checkpointed text, and that delete messages with all below them. */
import { type RawBuilder, sql } from 'kysely';
import { lookedUp } from './looked-up.ts';
import type { MessageKey, Row } from './projection.ts';
import { insertInto, replaced, sessionExists } from './row-statements.ts';
import { childrenOf } from './tree-walk.ts';
import type { Dialect, RowsStatement, ValuesTable } from './values-table.ts';

export const writeMessages: RowsStatement<Row<'messages'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    role: 'text',
    content: 'text',
    tool_call_id: 'text',
    name: 'text',
    parent_id: 'text',
    queue_rank: 'number',
    edited: 'number',
    prompt_id: 'text',
    status: 'text',
    marks: 'text',
    finish_reason: 'text',
    model: 'text',
    usage: 'text',
    created_at: 'number',
  },
  build(values) {
    return sql`${insertInto('messages', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update set ${replaced(this.columns, ['id', 'session_id'])}`;
  },
};

const keyColumns = { session_id: 'text', message_id: 'text' } as const;

/** Of messages that are written whole. */
export const deletePieces: RowsStatement<MessageKey> = {
  columns: keyColumns,
  build: (values) => sql`delete from message_pieces where (session_id, message_id) in
    (select ${values.column('session_id')}, ${values.column('message_id')} from ${values.from})`,
};

export const appendPieces: RowsStatement<Row<'message_pieces'>> = {
  columns: {
    session_id: 'text',
    message_id: 'text',
    offset_units: 'number',
    text: 'text',
    marks: 'text',
  },
  build(values) {
    return sql`${insertInto('message_pieces', this.columns, values)} where exists
      (select 1 from messages where ${sql.ref('messages.id')} = ${values.column('message_id')}
        and ${sql.ref('messages.session_id')} = ${values.column('session_id')})
      order by ${values.ordinal}`;
  },
};

/**
 * Deletes messages with all below them, and what belongs to them: the messages themselves last, because the others are
 * found by them. Traces stay, as they do when a session is deleted.
 */
export const deleteMessages: readonly RowsStatement<MessageKey>[] = [
  withGone(sql`delete from message_terms where rowid in
    (select found.position from gone join messages as found on found.id = gone.id)`),
  withGone(
    sql`delete from message_pieces where (session_id, message_id) in (select session_id, id from gone)`,
  ),
  withGone(
    sql`delete from file_references where (session_id, message_id) in (select session_id, id from gone)`,
  ),
  withGoneTurns(sql`delete from tool_calls where turn_id in (select id from gone_turns)`),
  withGoneTurns(sql`delete from turn_steps where turn_id in (select id from gone_turns)`),
  withGoneTurns(sql`delete from turns where id in (select id from gone_turns)`),
  withGone(sql`insert into deleted_messages (id, session_id) select id, session_id from gone where true
    on conflict (id) do nothing`),
  withGone(sql`delete from messages where id in (select id from gone)`),
];

function withGone(deletion: RawBuilder<unknown>): RowsStatement<MessageKey> {
  return {
    columns: keyColumns,
    build: (values, dialect) => sql`with recursive ${gone(values, dialect)} ${deletion}`,
  };
}

/** Turns of questions and of answers that go; a turn that said nothing has no answer to be found by. */
function withGoneTurns(deletion: RawBuilder<unknown>): RowsStatement<MessageKey> {
  return {
    columns: keyColumns,
    build: (values, dialect) => sql`with recursive ${gone(values, dialect)}, gone_turns(id) as (
      select turn.id from gone cross join ${turnsBy('prompt_id', dialect)}
      union
      select turn.id from gone cross join ${turnsBy('answer_id', dialect)}
    ) ${deletion}`,
  };
}

function turnsBy(column: 'prompt_id' | 'answer_id', dialect: Dialect): RawBuilder<unknown> {
  const by = { [column]: sql`gone.id`, session_id: sql`gone.session_id` };
  return lookedUp({ table: 'turns', as: 'turn', by }, dialect);
}

/** `union` ends by itself, whatever the rows say: no message is visited twice. */
function gone(values: ValuesTable<MessageKey>, dialect: Dialect): RawBuilder<unknown> {
  return sql`gone(id, session_id) as (
    select found.id, found.session_id from ${values.from} join messages as found
      on found.id = ${values.column('message_id')} and found.session_id = ${values.column('session_id')}
    union
    select child.id, gone.session_id from gone cross join ${childrenOf(sql.ref('gone.session_id'), sql.ref('gone.id'), dialect)}
  )`;
}
