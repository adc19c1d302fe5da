/** The statements that write the rows of files; an id is stored once and never again after it was deleted. */
import { sql } from 'kysely';
import type { FileId } from '../../../schema/ids.ts';
import type { Row } from './projection.ts';
import { columnNames, type RowsStatement } from './values-table.ts';

export const writeFiles: RowsStatement<Row<'files'>> = {
  columns: { id: 'text', name: 'text', type: 'text', bytes: 'number', sha256: 'text', created_at: 'number' },
  build(values) {
    const names = columnNames(this.columns);
    return sql`insert into files (${sql.join(names.map((name) => sql.ref(name)))})
      select ${sql.join(names.map((name) => values.column(name)))} from ${values.from}
      order by ${values.ordinal} on conflict (id) do nothing`;
  },
};

/** References stay: what a deleted file was attached to goes on without it. */
export const deleteFiles: RowsStatement<{ id: FileId }> = {
  columns: { id: 'text' },
  build: (values) => sql`delete from files where id in (select ${values.column('id')} from ${values.from})`,
};
