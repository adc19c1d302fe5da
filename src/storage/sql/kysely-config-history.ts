/** The history of the runtime config (SPEC [CFG6]). */
import type { Kysely } from 'kysely';
import type { Page } from '../../../actors/ports.ts';
import type { CommandId } from '../../../schema/ids.ts';
import type { ConfigChange } from '../../../schema/runtime-config.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';

/** Newest first. */
export async function readConfigHistory(
  db: Kysely<Tables>,
  { limit, before }: Page<CommandId>,
): Promise<readonly ConfigChange[]> {
  let query = db.selectFrom('config_changes').selectAll().orderBy('position', 'desc').limit(limit);
  if (before !== undefined) {
    const edge = await db
      .selectFrom('config_changes')
      .select('position')
      .where('id', '=', before)
      .executeTakeFirst();
    if (edge === undefined) return [];
    query = query.where('position', '<', edge.position);
  }
  const rows = await query.execute();
  return rows.map(({ id, changed_by, kind, changes, at }) => ({
    id,
    by: changed_by,
    kind,
    changes: JSON.parse(changes),
    at: isoTimestamp(at),
  }));
}
