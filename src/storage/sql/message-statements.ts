/** The statements that write messages and their checkpointed text, and that delete messages with all below them. */
import { sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { inSession, rowsJoined } from './joined-rows.ts';
import type { MessageKey, Row } from './projection.ts';
import { insertInto, replaced, sessionExists } from './row-statements.ts';
import { childrenJoined } from './tree-walk.ts';
import type { RowsStatement } from './values-table.ts';

export const writeMessages: RowsStatement<Row<'messages'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    role: 'text',
    content: 'text',
    tool_call_id: 'text',
    name: 'text',
    author: 'text',
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
      order by ${values.ordinal} on conflict (id, (session_id || '')) do update
      set ${replaced(this.columns, ['id', 'session_id'])}`;
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
        and ${inSession('messages', values.column('session_id'))})
      order by ${values.ordinal}`;
  },
};

/** Writes down which messages go: those given, and all below them. `union` ends by itself, whatever the rows say. */
export const findDeletedMessages: RowsStatement<MessageKey> = {
  columns: keyColumns,
  build: (values, dialect) => sql`with recursive gone(id, session_id) as (
      select found.id, found.session_id from ${values.from} join messages as found
        on found.id = ${values.column('message_id')} and ${inSession('found', values.column('session_id'))}
      union
      select child.id, gone.session_id
        from gone cross join ${childrenJoined(sql`gone.session_id`, sql`gone.id`, dialect)}
    )
    insert into messages_to_delete (session_id, id) select session_id, id from gone where true
      on conflict (session_id, id) do nothing`,
};

export type SessionKey = { readonly session_id: SessionId };

const session = sql`gone.session_id`;

/**
 * Deletes what was written down for a session, and what belongs to it, by look-ups. Traces stay, as they do when a
 * session is deleted.
 */
export const deleteMessages: readonly RowsStatement<SessionKey>[] = [
  deletion('message_terms', 'rowid', [{ table: 'messages', by: 'id', column: 'position' }]),
  deletion('message_pieces', 'position', [{ table: 'message_pieces', by: 'message_id', column: 'position' }]),
  {
    columns: { session_id: 'text' },
    // Also of answers that said nothing: they have no row, but their calls may have returned files.
    build: (values, dialect) => sql`with gone as (select deleted.id, deleted.session_id from ${values.from}
        join messages_to_delete as deleted on deleted.session_id = ${values.column('session_id')})
      delete from file_references where (session_id, message_id) in (
        select gone.session_id, gone.id from gone
        union select gone.session_id, found.answer_id from gone
          cross join ${rowsJoined({ table: 'turns', as: 'found', by: { prompt_id: sql`gone.id` }, session }, dialect)})`,
  },
  deletion('tool_calls', 'turn_id', turnsBy('id')),
  deletion('turn_steps', 'turn_id', turnsBy('id')),
  deletion('turns', 'position', turnsBy('position')),
  {
    columns: { session_id: 'text' },
    build: (values) => sql`insert into deleted_messages (id, session_id) select leaving.id, leaving.session_id
      from ${values.from} join messages_to_delete as leaving on leaving.session_id = ${values.column('session_id')}
      where true on conflict (session_id, id) do nothing`,
  },
  deletion('messages', 'position', [{ table: 'messages', by: 'id', column: 'position' }]),
  {
    columns: { session_id: 'text' },
    build: (values) => sql`delete from messages_to_delete where session_id in
      (select ${values.column('session_id')} from ${values.from})`,
  },
];

/**
 * Rows of a table that are found by the id of a message, within its session, and the column that is wanted of them: one
 * that is unique in the whole store, as ids of messages are not.
 */
type Found = {
  readonly table: 'messages' | 'message_pieces' | 'turns';
  readonly by: 'id' | 'message_id' | 'prompt_id' | 'answer_id';
  readonly column: 'id' | 'position';
};

/** A turn that said nothing has no answer to be found by. */
function turnsBy(column: 'id' | 'position'): readonly Found[] {
  return [
    { table: 'turns', by: 'prompt_id', column },
    { table: 'turns', by: 'answer_id', column },
  ];
}

/** Deletes the rows whose `column` is among what is found. */
function deletion(table: keyof Tables, column: string, found: readonly Found[]): RowsStatement<SessionKey> {
  return {
    columns: { session_id: 'text' },
    build: (values, dialect) => {
      const columns = found.map((one) => {
        const by = { [one.by]: sql`gone.id` };
        const lookUp =
          one.table === 'message_pieces' ? { by: { ...by, session_id: session } } : { by, session };
        return sql`select ${sql.ref(`found.${one.column}`)} from gone
          cross join ${rowsJoined({ table: one.table, as: 'found', ...lookUp }, dialect)}`;
      });
      const keys = sql.join(columns, sql` union `);
      return sql`with gone as (select deleted.id, deleted.session_id from ${values.from}
          join messages_to_delete as deleted on deleted.session_id = ${values.column('session_id')})
        delete from ${sql.table(table)} where ${sql.ref(column)} in (${keys})`;
    },
  };
}
