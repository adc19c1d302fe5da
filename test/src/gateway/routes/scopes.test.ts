/** Every route and what its principal must be allowed ([AUTH8], [CMD6]). */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasScope, local, type Scope, scopes } from '../../../../schema/principal.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { routes } from '../../../../src/gateway/routes/route-table.ts';
import { isOfOtherOrigin } from '../../../../src/origins/cross-origin.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

let keyed: RunningGateway;
let keyless: RunningGateway;
beforeAll(async () => {
  const apiKeys = scopes.flatMap((scope) => [
    { key: `only-${scope}`, scopes: [scope] },
    { key: `all-but-${scope}`, scopes: scopes.filter((one) => one !== scope && one !== 'chat') },
  ]);
  keyed = await runGateway({ apiKeys });
  keyless = await runGateway({});
});
afterAll(() => Promise.all([keyed.gateway.close(), keyless.gateway.close()]));

const guarded = routes.filter((route) => route.public !== true);
const cases = guarded.map(({ method, path, scope = 'read', sameOrigin = false }) => ({
  title: `${method} ${path}`,
  method,
  path: path.replaceAll(/:[a-zA-Z]+/g, exampleIds.session),
  scope,
  sameOrigin,
}));
type Case = (typeof cases)[number];

async function statusOf(running: RunningGateway, { method, path }: Case, headers = {}): Promise<number> {
  const stop = new AbortController();
  const response = await running.request(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    signal: stop.signal,
    ...(method === 'GET' ? {} : { body: '{}' }),
  });
  // A stream of events would go on.
  stop.abort();
  return response.status;
}

describe('the scope of a route', () => {
  it.each(cases)('[AUTH8] $title needs $scope', async (one) => {
    expect(await statusOf(keyed, one)).toBe(401);
    expect(await statusOf(keyed, one, { 'x-api-key': `only-${one.scope}` })).not.toBe(403);
    expect(await statusOf(keyed, one, { 'x-api-key': `all-but-${one.scope}` })).toBe(403);
    expect(await statusOf(keyless, one)).not.toBe(403);
  });

  it('[AUTH8] a query needs `read`, which `chat` includes and nothing else', () => {
    const included = (held: Scope, wanted: Scope) => hasScope({ ...local, scopes: new Set([held]) }, wanted);
    for (const held of scopes) {
      for (const wanted of scopes) {
        const expected = held === wanted || (held === 'chat' && wanted === 'read');
        expect([held, wanted, included(held, wanted)]).toEqual([held, wanted, expected]);
      }
    }
  });
});

describe('a command that pages of other origins must not give', () => {
  it.each(cases.filter(({ sameOrigin }) => sameOrigin))('[CMD6] $title is 403 to them', async (one) => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${keyed.port + 1}`]) {
      expect(await statusOf(keyed, one, { 'x-api-key': `only-${one.scope}`, origin })).toBe(403);
      expect(await statusOf(keyless, one, { origin })).toBe(403);
    }
    const origin = `http://127.0.0.1:${keyless.port}`;
    expect(await statusOf(keyless, one, { origin })).not.toBe(403);
  });
});

it('[CMD6] only the host that is asked is its own origin, in capitals and with its default port too', () => {
  const host = fc.tuple(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }));
  fc.assert(
    fc.property(host, host, fc.constantFrom('http', 'https'), ([name, port], [other, otherPort], scheme) => {
      const shown = (domain: string, number: number | undefined) =>
        number === undefined ? domain : `${domain}:${number}`;
      const address = URL.parse(`${scheme}://${shown(name, port)}`)?.host;
      const otherAddress = URL.parse(`${scheme}://${shown(other, otherPort)}`)?.host;
      const origin = `${scheme}://${address}`;
      expect(isOfOtherOrigin(origin, shown(name, port).toUpperCase())).toBe(false);
      expect(isOfOtherOrigin(origin, shown(other, otherPort))).toBe(address !== otherAddress);
    }),
  );
  expect(isOfOtherOrigin('', 'callboard.example')).toBe(false);
  for (const origin of ['null', 'callboard.example', 'file://', 'http://callboard.example@evil.example']) {
    expect(isOfOtherOrigin(origin, 'callboard.example')).toBe(true);
  }
  for (const host of ['', '/', 'a b', 'callboard.example/@evil.example']) {
    expect(isOfOtherOrigin('http://evil.example', host)).toBe(true);
  }
});
