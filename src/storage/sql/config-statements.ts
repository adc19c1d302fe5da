/** The statements that write the history of the runtime config, of which the newest rows are kept. */
import { sql } from 'kysely';
import { limits } from '../../../schema/limits.ts';
import type { Row } from './projection.ts';
import { insertInto } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

const columns: RowsStatement<Row<'config_changes'>>['columns'] = {
  id: 'text',
  changed_by: 'text',
  kind: 'text',
  changes: 'text',
  at: 'number',
};

/** To be run with the same rows, one after the other. */
export const writeConfigChanges: readonly RowsStatement<Row<'config_changes'>>[] = [
  {
    columns,
    build: (values) => sql`${insertInto('config_changes', columns, values)}
      order by ${values.ordinal} on conflict (id) do nothing`,
  },
  {
    columns,
    // The values only say that there are some: whoever adds rows makes room for them.
    build: (values) => sql`delete from config_changes where position <=
      (select max(position) from config_changes) - ${sql.lit(limits.configHistoryMax)}
      and exists (select 1 from ${values.from})`,
  },
];
