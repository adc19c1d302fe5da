/**
 * Statements and reads of whose sessions are (SPEC [OWN4]). It stands twice: in a table of its own, whose rows outlive
 * their sessions, and in the rows of sessions, which have it from there.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
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

/** Of the session, an expression; the owners are written before the sessions. */
export function ownerOf(session: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select held.owner from session_owners as held where held.session_id = ${session})`;
}

export function tenantOf(session: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce((select held.tenant from session_owners as held where held.session_id = ${session}), '')`;
}

/** Of sessions that exist; those that do not leave their owners alone. */
export const handOverSessions: RowsStatement<Row<'session_owners'>> = {
  columns: writeSessionOwners.columns,
  build: (values) => sql`update sessions set owner = ${values.column('owner')},
    tenant = coalesce(${values.column('tenant')}, '')
    from ${values.from} where ${sql.ref('sessions.id')} = ${values.column('session_id')}`,
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
  const isIts = owner === null ? sql`is null` : sql`= ${owner}`;
  const found = await sql<{ rows: number | string }>`select count(*) as rows from
    (select 1 from sessions where owner ${isIts} and tenant = ${tenant ?? ''} limit ${atMost}) as counted`.execute(
    db,
  );
  return Number(found.rows[0]?.rows ?? 0);
}

/** As [LIM31] counts them. */
export async function countStoredBytes(db: Kysely<Tables>, { owner, tenant }: SessionOwner): Promise<number> {
  const found = await sql<{ bytes: number | string }>`select
    coalesce((select sum(bytes) from files where owner = ${owner} and tenant ${isTenant(tenant)}), 0)
    + coalesce((select sum(stored_bytes) from sessions where owner = ${owner} and tenant = ${tenant ?? ''}), 0)
    as bytes`.execute(db);
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
