/** Statements and reads of what principals have spent (SPEC [LIM28]). */
import { type Kysely, sql } from 'kysely';
import type { SessionOwner } from '../../../schema/authorization.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type Day, dayOf, firstDayKept, type SpentTokens } from '../../../schema/token-spending.ts';
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
  const sum = (spending.get(key)?.tokens ?? 0) + tokens;
  spending.set(key, { ...row, tokens: Math.min(sum, limits.dayTokensMax) });
}

export const addTokenSpending: RowsStatement<Row<'token_spending'>> = {
  columns: { day: 'text', owner: 'text', tenant: 'text', tokens: 'number' },
  build(values) {
    const sum = sql`token_spending.tokens + excluded.tokens`;
    const max = sql.lit(limits.dayTokensMax);
    return sql`${insertInto('token_spending', this.columns, values)} order by ${values.ordinal}
      on conflict (day, owner, tenant) do update set tokens = case when ${sum} > ${max} then ${max} else ${sum} end`;
  },
};

/** Each batch that adds some deletes the old days, so that the table stays within those that are kept. */
export const forgetTokenSpending: RowsStatement<{ before: Day }> = {
  columns: { before: 'text' },
  build: (values) =>
    sql`delete from token_spending where day < (select ${values.column('before')} from ${values.from})`,
};

/** What that statement wants: a row, or none. */
export function forgottenDays(
  spending: readonly Row<'token_spending'>[],
): readonly { readonly before: Day }[] {
  const newest = spending.map(({ day }) => day).reduce((one, other) => (one > other ? one : other), '');
  return newest === '' ? [] : [{ before: firstDayKept(newest) }];
}

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
