/**
 * What of a list a principal sees (SPEC [OWN5]). A list is read along its own index, and each row is looked up; but of a
 * principal with few sessions, their rows are read instead, so that the sessions of others cost it nothing.
 */
import { type AliasedRawBuilder, type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Visibility } from '../../../schema/authorization.ts';
import { limits } from '../../../schema/limits.ts';
import type { PrincipalId } from '../../../schema/principal.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { dialectOf, rowsJoined } from './joined-rows.ts';
import { isTenant } from './tenants.ts';

/** A table with a column that names sessions. */
type ListedTable = 'sessions' | 'messages' | 'traces' | 'tool_calls' | 'turns';

const sessionColumns = {
  sessions: 'id',
  messages: 'session_id',
  traces: 'session_id',
  tool_calls: 'session_id',
  turns: 'session_id',
} as const satisfies Readonly<Record<ListedTable, string>>;

/** The visible rows of a table: those of `from` for which `where` holds. */
export type VisibleRows<Table extends ListedTable, As extends string> = {
  readonly from: AliasedRawBuilder<Selectable<Tables[Table]>, As>;
  readonly where: RawBuilder<boolean>;
};

type Named<Table extends ListedTable, As extends string> = { readonly table: Table; readonly as: As };

/** Along whatever index the list has. */
export function visibleRows<Table extends ListedTable, As extends string>(
  { table, as }: Named<Table, As>,
  visibleTo: Visibility | undefined,
): VisibleRows<Table, As> {
  const session = sql.ref(`${as}.${sessionColumns[table]}`);
  return {
    from: sql<Selectable<Tables[Table]>>`${sql.table(table)}`.as(as),
    where: table === 'traces' ? isVisibleTrace(as, visibleTo) : isVisible(session, visibleTo),
  };
}

/** For lists that may have many rows: by the principal's sessions when those are few. */
export async function fewVisibleRows<Table extends ListedTable, As extends string>(
  db: Kysely<Tables>,
  named: Named<Table, As>,
  visibleTo: Visibility | undefined,
): Promise<VisibleRows<Table, As>> {
  if (visibleTo === undefined || !(await areFew(db, visibleTo, named.table)))
    return visibleRows(named, visibleTo);
  const more = named.table === 'traces' ? ownTraces(visibleTo) : sql``;
  return { from: rowsOf(db, named, sessionsOf(visibleTo), more), where: sql`true` };
}

/** The sessions in which the principal takes part, of any tenant; `null`: they are more than are to be looked at. */
export async function fewParticipations(
  db: Kysely<Tables>,
  principal: PrincipalId,
): Promise<VisibleRows<'sessions', 'sessions'>['from'] | null> {
  const opened = participations(principal);
  const max = limits.visibleSessionsReadMax;
  if ((await countedUpTo(db, [opened], max)) >= max) return null;
  return rowsOf(db, { table: 'sessions', as: 'sessions' }, opened);
}

/** The rows of the sessions, and `more`: found before anything else is asked of them. */
function rowsOf<Table extends ListedTable, As extends string>(
  db: Kysely<Tables>,
  { table, as }: Named<Table, As>,
  sessions: RawBuilder<unknown>,
  more: RawBuilder<unknown> = sql``,
): VisibleRows<Table, As>['from'] {
  // Without a limit SQLite would look at the conditions of the list first, and use an index of those.
  const whole = dialectOf(db) === 'postgres' ? sql`` : sql`limit -1`;
  return sql<
    Selectable<Tables[Table]>
  >`(select * from (select visible.* ${eachRowOf(db, table, sessions)} ${more}) as found ${whole})`.as(as);
}

/** The positions of the rows that a principal sees, a query; `null`: they are more than are to be looked at. */
export async function fewVisiblePositions(
  db: Kysely<Tables>,
  table: 'sessions' | 'messages',
  visibleTo: Visibility,
): Promise<RawBuilder<unknown> | null> {
  if (!(await areFew(db, visibleTo, table))) return null;
  const positions = sql`select visible.position ${eachRowOf(db, table, sessionsOf(visibleTo))}`;
  const max = limits.searchVisibleRowsMax;
  return (await countedUpTo(db, [positions], max)) < max ? positions : null;
}

/** `from …`: the rows, as `visible`, session by session. */
function eachRowOf(
  db: Kysely<Tables>,
  table: ListedTable,
  sessions: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const by = { [sessionColumns[table]]: sql.ref('listed.session_id') };
  const rows = rowsJoined({ table, as: 'visible', by }, dialectOf(db));
  return sql`from (${sessions}) as listed cross join ${rows}`;
}

/**
 * Whether the session, an expression, is visible; of `null`, which stands for none, whether what has no session is.
 * Single values instead of `exists`, because PostgreSQL would rather read all owners at once for that; and `case`,
 * because it would think that almost no row passes, and would sort all of them instead of walking along an index.
 */
export function isVisible(
  session: RawBuilder<unknown>,
  visibleTo: Visibility | undefined,
): RawBuilder<boolean> {
  if (visibleTo === undefined) return sql`true`;
  const { principal, tenant, all, only } = visibleTo;
  const held = (column: 'owner' | 'tenant') =>
    sql`(select ${sql.ref(`held.${column}`)} from session_owners as held where held.session_id = ${session})`;
  const narrowed = only === null ? sql`true` : sql`${session} in (${sql.join(only)})`;
  const inTenant = sql<boolean>`${narrowed} and ${held('tenant')} ${isTenant(tenant)}`;
  if (all) return truth(inTenant);
  return truth(sql`${inTenant} and (${held('owner')} = ${principal} or ${takesPart(session, principal)})`);
}

export function takesPart(session: RawBuilder<unknown>, principal: PrincipalId): RawBuilder<boolean> {
  return sql`(select member.role from participants as member
    where member.session_id = ${session} and member.participant_id = ${principal}) is not null`;
}

function participations(principal: PrincipalId): RawBuilder<unknown> {
  return sql`select session_id from participants where participant_id = ${principal}`;
}

/** A trace without a session is its owner's; `traces` is the name of its row. */
export function isVisibleTrace(traces: string, visibleTo: Visibility | undefined): RawBuilder<boolean> {
  if (visibleTo === undefined) return sql`true`;
  const session = sql.ref(`${traces}.session_id`);
  return sql`case when ${session} is null then ${isOwnTrace(traces, visibleTo)} else ${isVisible(session, visibleTo)} end`;
}

/** Of a trace without a session. */
function isOwnTrace(traces: string, { principal, tenant, all, only }: Visibility): RawBuilder<boolean> {
  if (only !== null) return sql`false`;
  const inTenant = sql<boolean>`${sql.ref(`${traces}.tenant`)} ${isTenant(tenant)}`;
  return all ? inTenant : sql`${inTenant} and ${sql.ref(`${traces}.owner`)} = ${principal}`;
}

/** Those without a session, behind those of sessions. */
function ownTraces(visibleTo: Visibility): RawBuilder<unknown> {
  return sql`union all select own.* from traces as own where own.session_id is null and ${isOwnTrace('own', visibleTo)}`;
}

export function truth(condition: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`case when ${condition} then true else false end`;
}

/** The visible sessions, deleted ones included, each once; for those whom {@link areFew} holds. */
function sessionsOf(visibleTo: Visibility): RawBuilder<unknown> {
  const { principal, tenant, all, only } = visibleTo;
  if (only !== null) {
    const given = only.map((id) => sql`select cast(${id} as text) as session_id`);
    const visible = isVisible(sql.ref('given.session_id'), visibleTo);
    return sql`select session_id from (${sql.join(given, sql` union `)}) as given where ${visible}`;
  }
  if (all) return sql`select session_id from session_owners where tenant ${isTenant(tenant)}`;
  return sql`select session_id from session_owners where owner = ${principal} and tenant ${isTenant(tenant)}
    union ${participations(principal)}
      and (select held.tenant from session_owners as held where held.session_id = participants.session_id)
        ${isTenant(tenant)}`;
}

/** A session without a row is in no tenant, and no index has it: whoever sees all of those sees many. */
async function areFew(db: Kysely<Tables>, visibleTo: Visibility, table: ListedTable): Promise<boolean> {
  const { principal, tenant, all, only } = visibleTo;
  if (only !== null) return true;
  if (all && tenant === null) return false;
  const max = limits.visibleSessionsReadMax;
  const tenants = isTenant(tenant);
  const counted = all
    ? [sql`select 1 from session_owners where tenant ${tenants}`]
    : [
        sql`select 1 from session_owners where owner = ${principal} and tenant ${tenants}`,
        participations(principal),
      ];
  if (table === 'traces') {
    const own = isOwnTrace('own', visibleTo);
    counted.push(sql`select 1 from traces as own where own.session_id is null and ${own}`);
  }
  return (await countedUpTo(db, counted, max)) < max;
}

/** The rows of all queries together, of each at most `max`. */
async function countedUpTo(
  db: Kysely<Tables>,
  queries: readonly RawBuilder<unknown>[],
  max: number,
): Promise<number> {
  const counts = queries.map((query) => sql`(select count(*) from (${query} limit ${max}) as counted)`);
  const found = await sql<{ rows: number | string }>`select ${sql.join(counts, sql` + `)} as rows`.execute(
    db,
  );
  return Number(found.rows[0]?.rows);
}
