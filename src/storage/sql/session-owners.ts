/** Statements and reads of whose sessions are (SPEC [OWN4]). */
import { type Kysely, sql } from 'kysely';
import type { SessionAccess, SessionOwner } from '../../../schema/authorization.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { ParticipantId, ParticipantRole } from '../../../schema/participant.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Row } from './projection.ts';
import { readQuery, type Value } from './read-query.ts';
import { insertInto, replaced } from './row-statements.ts';
import { isTenant } from './tenants.ts';
import type { RowsStatement } from './values-table.ts';

export function sessionOwnerRow(id: SessionId, { owner, tenant }: SessionOwner): Row<'session_owners'> {
  return { session_id: id, owner, tenant };
}

/** Also of a session that the same batch deletes. */
export const writeSessionOwners: RowsStatement<Row<'session_owners'>> = {
  columns: { session_id: 'text', owner: 'text', tenant: 'text' },
  build(values) {
    return sql`${insertInto('session_owners', this.columns, values)} order by ${values.ordinal}
      on conflict (session_id) do update set ${replaced(this.columns, ['session_id'])}`;
  },
};

/** `undefined`: there neither is nor was such a session; one that was before sessions had owners leaves nothing. */
export async function readSessionAccess(
  db: Kysely<Tables>,
  id: SessionId,
): Promise<SessionAccess | undefined> {
  const rows = await accessRows(db, { id });
  const [first] = rows;
  if (first === undefined || (first.stored === null && first.owned === null)) return undefined;
  const members = new Map<ParticipantId, ParticipantRole>();
  for (const { participant_id, role } of rows) {
    if (participant_id !== null && role !== null) members.set(participant_id, role);
  }
  return { owner: first.owner, tenant: first.tenant, members };
}

/** Counts no further than asked. */
export async function countStoredSessions(
  db: Kysely<Tables>,
  { owner, tenant }: SessionOwner,
  atMost: number,
): Promise<number> {
  const rows = await db
    .selectFrom('session_owners')
    .innerJoin('sessions', 'sessions.id', 'session_owners.session_id')
    .select('sessions.id')
    .where('session_owners.owner', owner === null ? 'is' : '=', owner)
    .where('session_owners.tenant', tenant === null ? 'is' : '=', tenant)
    .limit(atMost)
    .execute();
  return rows.length;
}

/** As [LIM31] counts them. */
export async function countStoredBytes(db: Kysely<Tables>, { owner, tenant }: SessionOwner): Promise<number> {
  const isIts = (table: 'files' | 'session_owners') => sql<boolean>`${sql.ref(`${table}.owner`)} = ${owner}
    and ${sql.ref(`${table}.tenant`)} ${isTenant(tenant)}`;
  const found = await sql<{ bytes: number | string }>`select
    coalesce((select sum(bytes) from files where ${isIts('files')}), 0)
    + coalesce((select sum(sessions.stored_bytes) from session_owners
      join sessions on sessions.id = session_owners.session_id where ${isIts('session_owners')}), 0) as bytes`.execute(
    db,
  );
  return Number(found.rows[0]?.bytes ?? 0);
}

type AccessRow = {
  readonly stored: SessionId | null;
  readonly owned: SessionId | null;
  readonly owner: SessionOwner['owner'];
  readonly tenant: string | null;
  readonly participant_id: ParticipantId | null;
  readonly role: ParticipantRole | null;
};

/** Asked for every request about a session: one row per participant, at least one. */
const accessRows = readQuery(
  (_, value: Value<{ id: SessionId }>) =>
    sql<AccessRow>`select sessions.id as stored, held.session_id as owned, held.owner, held.tenant,
      participants.participant_id, participants.role
    from (select cast(${value('id')} as text) as id) as asked
    left join sessions on sessions.id = asked.id
    left join session_owners as held on held.session_id = asked.id
    left join participants on participants.session_id = asked.id`,
);
