/** Statements and reads of what principals have spent (SPEC [LIM28]). */
import { type Kysely, sql } from 'kysely';
import type { SessionOwner } from '../../../schema/authorization.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type Day, dayOf, type SpentTokens } from '../../../schema/token-spending.ts';
import type { Row } from './projection.ts';
import { insertInto } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

/** Adds what a turn has cost to what its batch has cost already. */
export function addSpending(
  spending: Map<string, Row<'token_spending'>>,
  { tokens, ...payer }: SpentTokens,
  at: Milliseconds,
): void {
  if (payer.owner === null) return;
  const row = { owner: payer.owner, tenant: payer.tenant ?? '', day: dayOf(at) };
  const key = JSON.stringify(row);
  spending.set(key, { ...row, tokens: (spending.get(key)?.tokens ?? 0) + tokens });
}

export const addTokenSpending: RowsStatement<Row<'token_spending'>> = {
  columns: { owner: 'text', tenant: 'text', day: 'text', tokens: 'number' },
  build(values) {
    return sql`${insertInto('token_spending', this.columns, values)} where true
      on conflict (owner, tenant, day) do update set tokens = token_spending.tokens + excluded.tokens`;
  },
};

export async function readTokensSpent(
  db: Kysely<Tables>,
  { owner, tenant }: SessionOwner,
  day: Day,
): Promise<number> {
  if (owner === null) return 0;
  const row = await db
    .selectFrom('token_spending')
    .select('tokens')
    .where('owner', '=', owner)
    .where('tenant', '=', tenant ?? '')
    .where('day', '=', day)
    .executeTakeFirst();
  return row?.tokens ?? 0;
}
