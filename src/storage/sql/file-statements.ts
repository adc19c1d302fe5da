/** The statements that write the rows of files; an id is stored once and never again after it was deleted. */
import { sql } from 'kysely';
import type { FileId } from '../../../schema/ids.ts';
import type { MessageKey, Row } from './projection.ts';
import { insertInto, sessionExists } from './row-statements.ts';
import { columnNames, type RowsStatement } from './values-table.ts';

export const writeFiles: RowsStatement<Row<'files'>> = {
  columns: {
    id: 'text',
    name: 'text',
    type: 'text',
    bytes: 'number',
    sha256: 'text',
    created_at: 'number',
    owner: 'text',
    tenant: 'text',
  },
  build(values) {
    const names = columnNames(this.columns);
    return sql`insert into files (${sql.join(names.map((name) => sql.ref(name)))})
      select ${sql.join(names.map((name) => values.column(name)))} from ${values.from}
      order by ${values.ordinal} on conflict (id) do nothing`;
  },
};

/** Exist only together with their session ([JRN4]); the message may have no row of its own, if nothing was said in it. */
export const writeReferences: RowsStatement<Row<'file_references'>> = {
  columns: { file_id: 'text', message_id: 'text', session_id: 'text' },
  build(values) {
    return sql`${insertInto('file_references', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (file_id, session_id, message_id) do nothing`;
  },
};

export const deleteReferences: RowsStatement<MessageKey> = {
  columns: { session_id: 'text', message_id: 'text' },
  build: (values) => sql`delete from file_references where (session_id, message_id) in
    (select ${values.column('session_id')}, ${values.column('message_id')} from ${values.from})`,
};

/** References stay: what a deleted file was attached to goes on without it. */
export const deleteFiles: RowsStatement<{ id: FileId }> = {
  columns: { id: 'text' },
  build: (values) => sql`delete from files where id in (select ${values.column('id')} from ${values.from})`,
};
