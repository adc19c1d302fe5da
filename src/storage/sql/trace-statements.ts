/** The statements that write traces and their spans, and purge them. */
import { sql } from 'kysely';
import type { TraceId } from '../../../schema/ids.ts';
import type { Row } from './projection.ts';
import { insertInto, replaced } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

/** Traces outlive their session (docs/protocol.md A2), so this does not require one. */
export const writeTraces: RowsStatement<Row<'traces'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    name: 'text',
    status: 'text',
    duration_ms: 'number',
    metadata: 'text',
    origin: 'text',
    owner: 'text',
    tenant: 'text',
    created_at: 'number',
    updated_at: 'number',
  },
  build(values) {
    return sql`${insertInto('traces', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do update set ${replaced(this.columns, ['id'])}`;
  },
};

/** A span is appended once: what comes again under its id changes nothing. */
export const writeSpans: RowsStatement<Row<'trace_spans'>> = {
  columns: {
    trace_id: 'text',
    id: 'text',
    parent_id: 'text',
    name: 'text',
    status: 'text',
    started_at: 'number',
    ended_at: 'number',
    attributes: 'text',
  },
  build(values) {
    return sql`${insertInto('trace_spans', this.columns, values)} order by ${values.ordinal}
      on conflict (trace_id, id) do nothing`;
  },
};

export const purgeTraces = (
  [
    ['traces', 'id'],
    ['trace_spans', 'trace_id'],
  ] as const
).map(
  ([table, column]): RowsStatement<{ id: TraceId }> => ({
    columns: { id: 'text' },
    build: (values) =>
      sql`delete from ${sql.table(table)} where ${sql.ref(column)} in (select ${values.column('id')} from ${values.from})`,
  }),
);
