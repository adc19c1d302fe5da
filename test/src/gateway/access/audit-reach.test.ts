/** Who hears the audit: it tells of every tenant. */
import { expect, it } from 'vitest';
import { reachOf } from '../../../../src/gateway/access/reach.ts';
import { principalWith } from '../../../fakes/example-key.ts';

it.each([
  [['audit'], null, true],
  [['audit', 'sessions:all'], null, true],
  [['audit', 'sessions:all'], 'shop', false],
  [['chat', 'keys', 'admin', 'sessions:all'], null, false],
] as const)('[AUD1] with the scopes %j and the tenant %j: %j', (scopes, tenant, hears) => {
  const reach = reachOf(principalWith('key:one', scopes, tenant), { known: () => undefined });
  expect(reach.hears('audit')).toBe(hears);
  if (hears) expect(reach.sees(null, 'audit')).toBe(true);
});
