/** How a column is compared with a tenant, which may be none. */
import { type RawBuilder, sql } from 'kysely';

export function isTenant(tenant: string | null): RawBuilder<unknown> {
  return tenant === null ? sql`is null` : sql`= ${tenant}`;
}
