/** The statements that write turns, their model calls that ended, and their tool calls. */
import { sql } from 'kysely';
import type { Row, TurnChange } from './projection.ts';
import { insertInto, kept, replaced, sessionExists } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

/** A turn that waits at another place is queued again; it stays queued since it first was. */
export const queueTurns: RowsStatement<Row<'turns'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    prompt_id: 'text',
    answer_id: 'text',
    trace_id: 'text',
    status: 'text',
    step: 'number',
    reason: 'text',
    options: 'text',
    scopes: 'text',
    rank: 'number',
    continues_at: 'number',
    steers: 'number',
    pushed: 'text',
    received: 'number',
    charged_to: 'text',
    queued_at: 'number',
    ended_at: 'number',
  },
  build(values) {
    return sql`${insertInto('turns', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update
      set ${replaced(this.columns, ['id', 'session_id', 'queued_at'])}`;
  },
};

type TurnChangeRow = {
  id: string;
  status: string | null;
  step: number | null;
  reason: string | null;
  ended_at: number | null;
  received: number | null;
  pushed: string | null;
};

export function turnChangeRow(id: string, change: TurnChange): TurnChangeRow {
  return {
    id,
    status: change.status ?? null,
    step: change.step ?? null,
    reason: change.reason ?? null,
    ended_at: change.ended_at ?? null,
    received: change.received ?? null,
    pushed: change.pushed ?? null,
  };
}

export const changeTurns: RowsStatement<TurnChangeRow> = {
  columns: {
    id: 'text',
    status: 'text',
    step: 'number',
    reason: 'text',
    ended_at: 'number',
    received: 'number',
    pushed: 'text',
  },
  build: (
    values,
  ) => sql`update turns set ${kept('turns', values, ['status', 'step', 'reason', 'ended_at', 'received', 'pushed'])}
    from ${values.from} where ${sql.ref('turns.id')} = ${values.column('id')}`,
};

export const writeToolCalls: RowsStatement<Row<'tool_calls'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    turn_id: 'text',
    model_call_id: 'text',
    name: 'text',
    status: 'text',
    step: 'number',
    needs_approval: 'number',
    approval_deadline: 'number',
    approval: 'text',
    arguments: 'text',
    result: 'text',
    files: 'text',
    agent_id: 'text',
    started_at: 'number',
    ended_at: 'number',
  },
  build(values) {
    return sql`${insertInto('tool_calls', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update
      set ${replaced(this.columns, ['id', 'session_id', 'started_at'])}`;
  },
};

export const writeTurnSteps: RowsStatement<Row<'turn_steps'>> = {
  columns: { session_id: 'text', turn_id: 'text', step: 'number', data: 'text' },
  build(values) {
    return sql`${insertInto('turn_steps', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (turn_id, step) do update
      set ${replaced(this.columns, ['turn_id', 'step', 'session_id'])}`;
  },
};
