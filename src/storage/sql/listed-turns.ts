/** Turns as they are listed. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Page } from '../../../actors/ports.ts';
import type { ListedTurn } from '../../../actors/stored-rows.ts';
import type { Visibility } from '../../../schema/authorization.ts';
import type { TurnId } from '../../../schema/ids.ts';
import type { Tables, TurnsTable } from '../../../schema/storage/tables.ts';
import type { TurnStatus } from '../../../schema/turn-record.ts';
import { turnOf } from './stored-rows.ts';
import { fewVisibleRows, isVisible, visibleRows } from './visible-sessions.ts';

export async function readTurn(db: Kysely<Tables>, id: TurnId): Promise<ListedTurn | undefined> {
  const row = await db.selectFrom('turns').selectAll().where('id', '=', id).executeTakeFirst();
  return row && listedTurn(row);
}

/** The newest of a status, newest first. */
export async function turnsWith(
  db: Kysely<Tables>,
  status: TurnStatus,
  { limit, before }: Page<TurnId>,
  visibleTo?: Visibility,
): Promise<readonly ListedTurn[]> {
  const named = { table: 'turns', as: 'turns' } as const;
  // Open turns are few, whosoever they are.
  const isOpen = status === 'queued' || status === 'running';
  const visible = isOpen ? visibleRows(named, visibleTo) : await fewVisibleRows(db, named, visibleTo);
  let newest = db
    .selectFrom(visible.from)
    .selectAll()
    .where(visible.where)
    .where('status', '=', status)
    .orderBy('position', 'desc')
    .limit(limit);
  if (before !== undefined) {
    newest = newest.where('position', '<', (eb) =>
      eb
        .selectFrom('turns as edge')
        .select('edge.position')
        .where('edge.id', '=', before)
        .where(isVisible(sql.ref('edge.session_id'), visibleTo)),
    );
  }
  return (await newest.execute()).map(listedTurn);
}

function listedTurn(row: Selectable<TurnsTable>): ListedTurn {
  return {
    ...turnOf(row),
    queuedAt: row.queued_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}
