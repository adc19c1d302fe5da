/**
 * The lists whose sessions together are those that a principal sees. Its own, and those of a tenant, have an index that
 * begins with whose they are: a page of them costs the same, however many there are (SPEC [OWN5]).
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { SessionQuery } from '../../../schema/session-search.ts';
import type { SessionsTable, Tables } from '../../../schema/storage/tables.ts';
import {
  fewParticipations,
  fewVisibleRows,
  takesPart,
  truth,
  type VisibleRows,
  visibleRows,
} from './visible-sessions.ts';

export type SessionList = VisibleRows<'sessions', 'sessions'> & {
  /** Whether the index of owners or of tenants is to be used, and no other. */
  readonly isByOwner: boolean;
};

const named = { table: 'sessions', as: 'sessions' } as const;
const from = sql<Selectable<SessionsTable>>`sessions`.as('sessions');

/** One or two; no session is in both. */
export async function sessionLists(
  db: Kysely<Tables>,
  { visibleTo, activity, participant, agent }: Omit<SessionQuery, 'q' | 'limit' | 'before'>,
): Promise<readonly SessionList[]> {
  if (visibleTo === undefined) return [{ from, where: sql`true`, isByOwner: false }];
  const { principal, tenant, all, only } = visibleTo;
  if (only !== null) return [{ ...(await fewVisibleRows(db, named, visibleTo)), isByOwner: false }];
  // Busy sessions are few, whosoever they are.
  if (activity !== undefined && activity !== 'idle') {
    return [{ ...visibleRows(named, visibleTo), isByOwner: false }];
  }
  const inTenant = sql<boolean>`sessions.tenant = ${tenant ?? ''}`;
  // Those of a participant are looked up: along the index of the tenant they may be far apart.
  const isByOwner = participant === undefined && agent === undefined;
  const ofTenant = isByOwner ? inTenant : truth(inTenant);
  if (all) return [{ from, where: ofTenant, isByOwner }];
  const own = { from, where: sql<boolean>`${inTenant} and sessions.owner = ${principal}`, isByOwner };
  const isOfOthers = truth(sql`sessions.owner is distinct from ${principal}`);
  const opened = await fewParticipations(db, principal);
  if (opened !== null) {
    return [own, { from: opened, where: sql`${inTenant} and ${isOfOthers}`, isByOwner: false }];
  }
  const isOpened = truth(takesPart(sql.ref('sessions.id'), principal));
  return [own, { from, where: sql`${ofTenant} and ${isOfOthers} and ${isOpened}`, isByOwner }];
}
