/**
 * Who uses a guarded world, which asks for credentials: some who make sessions, one of them who is also added to those of
 * others and removed again, strangers on both sides of a tenant's wall, and two who see all sessions on their side. In an
 * open world everybody is `local`.
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { local, type Principal, type Scope } from '../../schema/principal.ts';
import type { Order } from './orders.ts';

const who = (id: string, tenant: string | null, ...more: readonly Scope[]): Principal => ({
  id: participantIdSchema.parse(id),
  name: null,
  tenant,
  scopes: new Set<Scope>(['chat', 'roles', ...more]),
  sessions: null,
});

const ana = who('key:ana', null);
/** Orders add and remove a participant of this id. */
const ada = who('key:ada', null);
const zoe = who('key:zoe', 'one');
const operator = who('key:operator', null, 'config', 'tools', 'sessions:all');

export const principals: readonly Principal[] = [
  ada,
  who('key:eve', null),
  operator,
  zoe,
  ana,
  // Has the id of a participant, behind the wall.
  who('key:ada', 'one'),
  who('key:landlord', 'one', 'sessions:all'),
];

/** Whose sessions are, in turn. */
const makers: readonly Principal[] = [ana, ada, zoe];

/** Who gives a command over REST in a guarded world, unless a step says who: whoever may. */
export function whoMay(
  { number, kind }: Pick<Order, 'number' | 'kind'>,
  owner: SessionOwner | undefined,
): Principal {
  if (kind === 'create') return makers[number % makers.length] ?? ana;
  return makers.find(({ id, tenant }) => id === owner?.owner && tenant === owner.tenant) ?? operator;
}

/** Whether the principal sees the session as long as it is there, whoever takes part in it. */
export function seesAlways(principal: Principal, { owner, tenant }: SessionOwner): boolean {
  if (principal === local) return true;
  return principal.tenant === tenant && (principal.scopes.has('sessions:all') || principal.id === owner);
}
