/** The audit and handing over, as their routes decide them for principals with and without a tenant. */
import { expect, it } from 'vitest';
import type { Principal } from '../../../../schema/principal.ts';
import { scopes } from '../../../../schema/principal.ts';
import { asLocal } from '../../../../src/gateway/authentication/authenticator.ts';
import type { Route } from '../../../../src/gateway/http/route.ts';
import { auditRoutes } from '../../../../src/gateway/routes/audit-routes.ts';
import { commandRoutes } from '../../../../src/gateway/routes/command-routes.ts';
import { principalWith } from '../../../fakes/example-key.ts';
import { fakeServices, sessionId } from '../fake-services.ts';

async function answered(route: Route | undefined, principal: Principal, body: object = {}) {
  const services = fakeServices();
  if (typeof route?.handle !== 'function') throw new Error('a route that answers');
  const outcome = await route.handle(services, {
    ...{ id: sessionId, callId: undefined, messageId: undefined, name: undefined, named: undefined },
    ...{ body, query: new URLSearchParams(), principal, by: asLocal },
  });
  return { outcome: outcome.ok ? 'ok' : outcome.refusal.code, call: services.calls.at(-1) };
}

it('[AUD3] the audit is for those without a tenant', async () => {
  const [route] = auditRoutes;
  expect(route?.scope).toBe('audit');
  expect(await answered(route, principalWith('key:one', ['audit']))).toMatchObject({ outcome: 'ok' });
  const inShop = principalWith('key:one', scopes, 'shop');
  expect(await answered(route, inShop)).toEqual({ outcome: 'forbidden', call: undefined });
});

it.each([
  [['admin'], null, {}, 'forbidden', undefined],
  [scopes, null, {}, 'ok', null],
  [scopes, null, { tenant: 'shop' }, 'ok', 'shop'],
  [scopes, 'shop', {}, 'ok', 'shop'],
  [scopes, 'shop', { tenant: null }, 'forbidden', undefined],
  [scopes, 'shop', { tenant: 'bank' }, 'forbidden', undefined],
] as const)(
  '[AUD2] with %j, of the tenant %j, handing over to %j: %s',
  async (held, tenant, to, outcome, into) => {
    const route = commandRoutes['session.hand-over'];
    expect(route.scope).toBe('admin');
    const answer = await answered(route, principalWith('key:one', held, tenant), { owner: 'key:ben', ...to });
    const call = ['handOverSession', sessionId, { owner: 'key:ben', tenant: into }, 'key:one'];
    expect(answer).toEqual({ outcome, call: outcome === 'ok' ? call : undefined });
  },
);
