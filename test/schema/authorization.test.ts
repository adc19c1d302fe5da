/** Who may do what to a session: a property over principals, owners and participants. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  may,
  maySee,
  maySeeFile,
  nobodys,
  type SessionAccess,
  visibilityOf,
} from '../../schema/authorization.ts';
import { type SessionId, sessionIdSchema } from '../../schema/ids.ts';
import { participantIdSchema, participantRoles } from '../../schema/participant.ts';
import { type Principal, scopes } from '../../schema/principal.ts';
import type { SessionAction } from '../../schema/role-permissions.ts';
import { reachOf } from '../../src/gateway/access/reach.ts';

const [one, two] = ['018f3b1c-0000-7000-8000-000000000001', '018f3b1c-0000-7000-8000-000000000002'].map(
  (text) => sessionIdSchema.parse(text),
) as [SessionId, SessionId];
const id = fc
  .constantFrom('key:a', 'key:b', 'jwt:x:c', 'local')
  .map((text) => participantIdSchema.parse(text));
const tenant = fc.constantFrom(null, 'one', 'two');
const principal: fc.Arbitrary<Principal> = fc.record({
  id,
  name: fc.constant(null),
  tenant,
  scopes: fc.subarray([...scopes]).map((held) => new Set(held)),
  sessions: fc.option(fc.subarray([one, two]).map((held) => new Set(held))),
});
const access: fc.Arbitrary<SessionAccess> = fc.record({
  owner: fc.option(id),
  tenant,
  members: fc.array(fc.tuple(id, fc.constantFrom(...participantRoles))).map((members) => new Map(members)),
});
const actions: readonly SessionAction[] = ['see', 'take part', 'own'];

describe('what a principal may do to a session', () => {
  const always = (check: (who: Principal, session: SessionAccess) => void) =>
    fc.assert(
      fc.property(principal, access, (who, session) => {
        fc.pre(who.sessions?.has(one) !== false);
        check(who, session);
      }),
    );

  it('[TOK3] is nothing in a session that it is not narrowed to', () => {
    fc.assert(
      fc.property(principal, access, (who, session) => {
        fc.pre(who.sessions?.has(one) === false);
        for (const action of actions) expect(may(who, action, one, session)).toBe('unseen');
      }),
    );
  });

  it('[OWN1] is nothing across the wall of a tenant', () => {
    always((who, session) => {
      fc.pre(who.tenant !== session.tenant);
      for (const action of actions) expect(may(who, action, one, session)).toBe('unseen');
    });
  });

  it('[OWN2] is everything for its owner and whoever has sessions:all', () => {
    always((who, session) => {
      fc.pre(who.tenant === session.tenant && (who.id === session.owner || who.scopes.has('sessions:all')));
      for (const action of actions) expect(may(who, action, one, session)).toBe('allowed');
    });
  });

  it('[OWN3] is what its role allows for anybody else', () => {
    always((who, session) => {
      const { owner, members } = session;
      fc.pre(who.tenant === session.tenant && who.id !== owner && visibilityOf(who)?.all === false);
      const role = members.get(who.id);
      expect(maySee(who, one, session)).toBe(role !== undefined);
      const given = actions.map((action) => may(who, action, one, session));
      if (role === undefined) expect(given).toEqual(['unseen', 'unseen', 'unseen']);
      if (role === 'observer') expect(given).toEqual(['allowed', 'forbidden', 'forbidden']);
      if (role === 'agent') expect(given).toEqual(['allowed', 'allowed', 'forbidden']);
      if (role === 'owner') expect(given).toEqual(['allowed', 'allowed', 'allowed']);
    });
  });

  it('[OWN5] what is nobody’s is of whoever sees all sessions of no tenant, live too', () => {
    fc.assert(
      fc.property(principal, (who) => {
        const isSeen = maySee(who, null, nobodys);
        expect(isSeen).toBe(who.sessions === null && who.tenant === null && who.scopes.has('sessions:all'));
        expect(reachOf(who, { known: () => undefined }).sees(null, 'traces')).toBe(isSeen);
      }),
    );
  });

  it('[FIL50] a file is seen by its owner and whoever sees all, behind its tenant, and with its sessions', () => {
    fc.assert(
      fc.property(principal, access, fc.boolean(), (who, { owner, tenant: of }, isInSeenSession) => {
        const visibleTo = visibilityOf(who);
        fc.pre(visibleTo !== undefined);
        const whole = who.id === owner ? { ...who, sessions: null } : who;
        const own = maySee(whole, null, { owner, tenant: of, members: new Map() });
        expect(maySeeFile(visibleTo, { owner, tenant: of, isInSeenSession })).toBe(own || isInSeenSession);
      }),
    );
  });
});
