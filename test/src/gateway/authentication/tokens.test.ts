/**
 * Goal: connection tokens and tokens of other issuers let in whom they name, for what they say, and nobody else, however they
 * are made ([TOK1]–[TOK5], [JWT1]–[JWT4]).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionIdSchema } from '../../../../schema/ids.ts';
import { participantIdSchema } from '../../../../schema/participant.ts';
import {
  hasScope,
  type Principal,
  type Scope,
  scopes,
  scopesOfNobodyNamed,
} from '../../../../schema/principal.ts';
import type { Outcome } from '../../../../schema/refusal.ts';
import { type JwtSettings, jwtSettingsSchema } from '../../../../src/config/jwt-settings.ts';
import {
  type Authentication,
  commandOwnerOf,
} from '../../../../src/gateway/authentication/authentication.ts';
import { connectionTokens } from '../../../../src/gateway/authentication/connection-tokens.ts';
import { jsonWebTokens } from '../../../../src/gateway/authentication/json-web-tokens.ts';
import { renewedBy } from '../../../../src/gateway/authentication/renewal.ts';
import { tokenRequests } from '../../../../src/gateway/authentication/token-requests.ts';
import { recordingLog } from '../running-gateway.ts';

const now = Date.UTC(2026, 10, 28);
const clock = { now: () => now };
const sessionIds = ['1', '2', '3'].map((end) =>
  sessionIdSchema.parse(`018f3b1c-0000-7000-8000-00000000000${end}`),
);
const ids = ['key:a', 'app:b', 'jwt:https://issuer.example:c'].map((id) => participantIdSchema.parse(id));

const principals: fc.Arbitrary<Principal> = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.constantFrom(null, 'Ada'),
  tenant: fc.constantFrom(null, 'shop'),
  scopes: fc.subarray([...scopes]).map((held) => new Set(held)),
  sessions: fc.option(fc.subarray(sessionIds).map((held) => new Set(held))),
});
const by = (principal: Principal, more: Partial<Authentication> = {}): Authentication => ({
  principal,
  credentials: [],
  end: null,
  commandOwner: commandOwnerOf(principal),
  ...more,
});
const knownOf = <Value>(outcome: Outcome<Value> | undefined): Value | undefined =>
  outcome?.ok === true ? outcome.value : undefined;

describe('connection tokens', () => {
  const good = new Set(['key:good']);
  const tokens = connectionTokens({ secret: 'a secret of the store', isGood: (one) => good.has(one), clock });
  const make = tokenRequests(tokens, clock);

  const asked = fc.record(
    {
      principal: fc.constantFrom(...ids),
      scopes: fc.subarray([...scopes], { minLength: 1 }),
      sessions: fc.subarray(sessionIds, { minLength: 1 }),
    },
    { requiredKeys: [] },
  );

  it('[TOK1] [TOK3] never allow more than whoever asks may do, and are of nobody else without act-as', async () => {
    await fc.assert(
      fc.asyncProperty(
        principals,
        asked,
        fc.option(fc.integer({ min: 1, max: 9000 })),
        async (caller, given, left) => {
          const end = left === null ? null : ({ at: now + left * 1000, close: 'tokenEnded' } as const);
          const outcome = await make(by(caller, { end }), { ttlSeconds: 3600, ...given });
          const beyond = given.scopes?.some((scope) => !hasScope(caller, scope)) === true;
          const elsewhere = given.sessions?.some((one) => caller.sessions?.has(one) === false) === true;
          const foreign = (given.principal ?? caller.id) !== caller.id && !hasScope(caller, 'act-as');
          const isOfAnother = (given.principal ?? caller.id) !== caller.id;
          const delegated =
            isOfAnother && given.scopes?.some((scope) => scopesOfNobodyNamed.has(scope)) === true;
          expect(outcome.ok).toBe(!(beyond || elsewhere || foreign || delegated));
          const made = knownOf(outcome);
          if (made === undefined) return;
          const known = knownOf(await tokens.judge(made.token));
          expect(known?.principal).toMatchObject({ id: given.principal ?? caller.id, tenant: caller.tenant });
          for (const scope of known?.principal.scopes ?? []) expect(hasScope(caller, scope)).toBe(true);
          expect(known?.principal.sessions).toEqual(
            given.sessions === undefined ? caller.sessions : new Set(given.sessions),
          );
          expect(known?.end?.at).toBe(Math.min(now + 3_600_000, end?.at ?? Number.POSITIVE_INFINITY));
          expect(new Date(made.expiresAt).getTime()).toBe(known?.end?.at);
        },
      ),
    );
  });

  it('[TOK2] rest on the key of whoever made them, and end', async () => {
    const [principal] = fc.sample(principals, 1);
    if (principal === undefined) throw new Error('there is a principal');
    const made = (credentials: readonly string[], endsAt: number) =>
      tokens.made({ principal, credentials, endsAt }).then(tokens.judge);
    expect((await made(['key:good'], now + 1000))?.ok).toBe(true);
    expect(await made(['key:gone'], now + 1000)).toMatchObject({
      refusal: { code: 'unauthorized', message: 'The token has been revoked' },
    });
    expect(await made([], now - 1000)).toMatchObject({ refusal: { message: 'The token has ended' } });
  });

  it('[TOK2] cannot be changed, nor made without the secret', async () => {
    const other = connectionTokens({ secret: 'another secret', isGood: () => true, clock });
    await fc.assert(
      fc.asyncProperty(
        principals,
        fc.nat(),
        fc.constantFrom('A', 'z', '.', ''),
        async (principal, place, instead) => {
          const token = await tokens.made({ principal, credentials: [], endsAt: now + 1000 });
          expect(await other.judge(token)).toBeUndefined();
          // The last character of a part has bits that say nothing.
          const at = place % (token.length - 3);
          const changed = `${token.slice(0, at)}${instead}${token.slice(at + 1)}`;
          fc.pre(changed !== token && !/[A-Za-z0-9_-]\.?$/.test(token.slice(at, at + 2)) === false);
          const judged = await tokens.judge(changed);
          expect(judged?.ok === true && changed.split('.')[1] !== token.split('.')[1]).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('[TOK4] refresh a connection for the same principal alone, with the same scopes and sessions', () => {
    fc.assert(
      fc.property(principals, principals, (before, after) => {
        const judged = { ok: true, value: by(after) } as const;
        const renewed = renewedBy(by(before), judged);
        if (before.id !== after.id || before.tenant !== after.tenant) {
          expect(renewed).toMatchObject({ refusal: { code: 'forbidden' } });
          return;
        }
        const list = (set: ReadonlySet<string> | null) => (set === null ? null : [...set].toSorted());
        const isSame =
          JSON.stringify([list(before.scopes), list(before.sessions)]) ===
          JSON.stringify([list(after.scopes), list(after.sessions)]);
        expect(renewed.ok).toBe(isSame);
        if (!renewed.ok) expect(renewed.refusal.code).toBe('conflict');
      }),
    );
  });
});

describe('tokens of other issuers', () => {
  const issuer = 'https://issuer.example';
  const secret = 'a shared secret of thirty-two bytes at least';
  const pairs = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>();
  let jwksAnswer: () => { readonly status: number; readonly body: string };
  let fetched = 0;
  const server = createServer((_, response) => {
    fetched++;
    const { status, body } = jwksAnswer();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  let url = '';
  beforeAll(async () => {
    for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
      pairs.set(algorithm, await generateKeyPair(algorithm, { extractable: true }));
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const pair = (algorithm: string) => {
    const found = pairs.get(algorithm);
    if (found === undefined) throw new Error(`no pair for ${algorithm}`);
    return found;
  };
  const settingsOf = (given: object): JwtSettings => jwtSettingsSchema.parse({ issuer, ...given });
  const kindOf = (settings: JwtSettings) => jsonWebTokens({ settings, clock, log: recordingLog() });
  const signed = (
    algorithm: string,
    claims: Readonly<Record<string, unknown>>,
    key?: Parameters<SignJWT['sign']>[0],
    kid?: string,
  ) =>
    new SignJWT({ iss: issuer, sub: 'ada', exp: now / 1000 + 60, ...claims })
      .setProtectedHeader({ alg: algorithm, ...(kid === undefined ? {} : { kid }) })
      .sign(key ?? (algorithm === 'HS256' ? new TextEncoder().encode(secret) : pair(algorithm).privateKey));

  it.each(['HS256', 'RS256', 'ES256', 'EdDSA'] as const)(
    '[JWT1] [JWT2] %s: name the principal, its tenant, sessions and end',
    async (algorithm) => {
      const key = algorithm === 'HS256' ? secret : await exportSPKI(pair(algorithm).publicKey);
      const kind = await kindOf(
        settingsOf({ audience: 'callboard', keys: [{ algorithm, key }], claims: { tenant: 'org' } }),
      );
      const claims = {
        aud: ['callboard', 'other'],
        org: 'shop',
        name: 'Ada',
        callboard_sessions: [sessionIds[0]],
      };
      const known = knownOf(await kind.judge(await signed(algorithm, claims)));
      expect(known).toMatchObject({
        principal: {
          id: `jwt:${issuer}:ada`,
          tenant: 'shop',
          name: 'Ada',
          sessions: new Set([sessionIds[0]]),
        },
        end: { at: now + 65_000, close: 'tokenEnded' },
      });
      const messageOf = async (odd: Readonly<Record<string, unknown>>) => {
        const judged = await kind.judge(await signed(algorithm, { ...claims, ...odd }));
        return judged === undefined || judged.ok ? judged?.ok : judged.refusal.message;
      };
      expect(await messageOf({ exp: now / 1000 - 6 })).toBe('The token has ended');
      expect(await messageOf({ exp: undefined })).toContain('"exp"');
      expect(await messageOf({ aud: 'other' })).toContain('"aud"');
      expect(await messageOf({ nbf: now / 1000 + 60 })).toContain('"nbf"');
      expect(await messageOf({ iss: 'https://other.example' })).toBeUndefined();
      expect(await messageOf({ sub: '' })).toContain('"sub"');
      expect(await messageOf({ sub: 'x'.repeat(2000) })).toContain('"sub"');
      expect(await messageOf({ org: 7 })).toContain('"org"');
      expect(await messageOf({ callboard_sessions: ['no id'] })).toContain('"callboard_sessions"');
    },
  );

  it('[JWT3] have the scopes that they name with the prefix, as far as the config lets them', async () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(...scopes),
        fc.constantFrom(...scopes).map((scope) => `callboard:${scope}`),
        fc.constantFrom('openid', 'callboard:', 'callboard:nothing'),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        words,
        fc.boolean(),
        fc.subarray([...scopes]),
        fc.subarray([...scopes]),
        async (claimed, asText, scopesMax, scopesDefault) => {
          const kind = await kindOf(
            settingsOf({ keys: [{ algorithm: 'HS256', key: secret }], scopesMax, scopesDefault }),
          );
          const claims = { scope: asText ? claimed.join(' ') : claimed };
          const known = knownOf(await kind.judge(await signed('HS256', claims)));
          const isScope = (word: string): word is Scope => scopes.some((scope) => scope === word);
          const named = claimed.flatMap((word) => {
            const rest = word.startsWith('callboard:') ? word.slice(10) : '';
            return isScope(rest) ? [rest] : [];
          });
          const expected = (named.length > 0 ? named : scopesDefault).filter((scope) =>
            scopesMax.includes(scope),
          );
          expect([...(known?.principal.scopes ?? ['none'])].toSorted()).toEqual(
            [...new Set(expected)].toSorted(),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('[JWT1] signed with the text of a public key, with none, or with a key of another are refused', async () => {
    const pem = await exportSPKI(pair('RS256').publicKey);
    const kind = await kindOf(settingsOf({ keys: [{ algorithm: 'RS256', key: pem }] }));
    const code = async (token: string) => {
      const judged = await kind.judge(token);
      return judged === undefined || judged.ok ? judged?.ok : judged.refusal.code;
    };
    expect(await code(await signed('RS256', {}))).toBe(true);
    expect(await code(await signed('HS256', {}, new TextEncoder().encode(pem)))).toBe('unauthorized');
    const { privateKey } = await generateKeyPair('RS256');
    expect(await code(await signed('RS256', {}, privateKey))).toBe('unauthorized');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${part({ alg: 'none' })}.${part({ iss: issuer, sub: 'ada', exp: now })}.`;
    for (const odd of [none, `${none}x`, 'a.b.c', 'key', '']) expect(await code(odd)).not.toBe(true);
  });

  it('[JWT4] take their keys from a URL, once, again for an unknown key, and are 503 while it is silent', async () => {
    const jwk = async (algorithm: string, kid: string) => ({
      ...(await exportJWK(pair(algorithm).publicKey)),
      kid,
      alg: algorithm,
    });
    const kind = await kindOf(settingsOf({ jwksUrl: url }));
    const codeOf = async (token: string) => {
      const judged = await kind.judge(token);
      return judged === undefined || judged.ok ? judged?.ok : judged.refusal.code;
    };
    const token = await signed('ES256', {}, undefined, 'one');
    jwksAnswer = () => ({ status: 500, body: '' });
    expect(await codeOf(token)).toBe('unavailable');
    jwksAnswer = () => ({
      status: 200,
      body: JSON.stringify({ keys: [], padding: 'x'.repeat(1024 * 1024) }),
    });
    expect(await codeOf(token)).toBe('unavailable');
    const body = JSON.stringify({ keys: [await jwk('ES256', 'one'), await jwk('RS256', 'two')] });
    jwksAnswer = () => ({ status: 200, body });
    expect(await codeOf(token)).toBe(true);
    const before = fetched;
    for (let times = 0; times < 5; times++) expect(await codeOf(token)).toBe(true);
    for (let times = 0; times < 5; times++) {
      expect(await codeOf(await signed('EdDSA', {}, undefined, `unknown ${times}`))).toBe('unauthorized');
    }
    expect(fetched - before).toBeLessThanOrEqual(1);
  });
});
