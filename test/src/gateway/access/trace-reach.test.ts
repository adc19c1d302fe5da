/** Who hears of traces that belong to no session and to nobody, such as those of old stores. */
import { expect, it } from 'vitest';
import { audiencesOfServer, reachOf } from '../../../../src/gateway/access/reach.ts';
import { principalWith } from '../../../fakes/example-key.ts';

it.each([
  [['chat'], null, false],
  [['chat'], 'shop', false],
  [['chat', 'sessions:all'], 'shop', false],
  [['chat', 'sessions:all'], null, true],
] as const)('[OWN7] with the scopes %j and the tenant %j: %j', (scopes, tenant, hears) => {
  const reach = reachOf(principalWith('key:one', scopes, tenant), { known: () => undefined });
  expect(reach.sees(null, 'traces')).toBe(hears);
  expect(audiencesOfServer('traces').some((one) => reach.audiences.includes(one))).toBe(hears);
});
