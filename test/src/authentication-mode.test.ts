/** Whether a server is open. Goal: it is never opened by accident, through any sequence of starts and keys. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scopes } from '../../schema/principal.ts';
import { authenticationAtStart, authenticationMode, nobodyEnters } from '../../src/authentication-mode.ts';
import { keysWithAdmin } from '../../src/config/admin-key.ts';
import { narrowedKeys } from '../../src/gateway/authentication/configured-keys.ts';

const start = fc.record({
  setting: fc.constantFrom('auto' as const, 'on' as const, 'off' as const),
  configured: fc.constantFrom<string[]>([], [], ['apiKeys'], ['jwt', 'authenticate']),
});

it('[KEY9] stays closed after any start with authentication, until the config says off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(start, { maxLength: 12 }), async (starts) => {
      let since: number | null = null;
      const notes = {
        authenticatedSince: async () => since,
        noteAuthentication: async (at: number) => {
          since ??= at;
        },
      };
      let existed = false;
      for (const [now, one] of starts.entries()) {
        const { open, reason } = await authenticationAtStart(notes, { ...one, now });
        existed ||= one.setting !== 'off' && one.configured.length > 0;
        const closed = one.setting === 'on' || (one.setting === 'auto' && existed);
        expect([open, reason === '']).toEqual([!closed, false]);
      }
    }),
  );
});

it('[KEY9] says in one line how to make a key where nobody can enter', () => {
  const closed = authenticationMode({ setting: 'auto', configured: [], since: 0 });
  const said = nobodyEnters(closed, { configured: [], storedKeys: 0 });
  expect(said).toMatch(
    /^Nobody can enter: there has been authentication since 1970-.* callboard keys create [^\n]*$/,
  );
  expect(nobodyEnters(closed, { configured: [], storedKeys: 1 })).toBeNull();
  expect(nobodyEnters(closed, { configured: ['adminKey'], storedKeys: 0 })).toBeNull();
  const open = authenticationMode({ setting: 'auto', configured: [], since: null });
  expect(nobodyEnters(open, { configured: [], storedKeys: 0 })).toBeNull();
});

it('[KEY8] the admin key has every scope, and narrows nobody', () => {
  const given = (apiKeys: readonly string[], inspectKeys: string[] = []) => ({
    ...{ adminKey: 'root', apiKeys: [...apiKeys], inspectKeys },
  });
  const admin = { key: 'root', name: 'admin', scopes: [...scopes] };
  expect(keysWithAdmin(given([]))).toEqual([admin]);
  expect(keysWithAdmin({ ...given(['one']), adminKey: undefined })).toEqual(['one']);
  expect(keysWithAdmin(given(['one']))).toEqual([{ key: 'one', scopes: [...scopes] }, admin]);
  expect(keysWithAdmin({ ...given([]), apiKeys: [{ key: 'one', scopes: ['chat'] }] })).toEqual([
    { key: 'one', scopes: ['chat'] },
    admin,
  ]);
  expect(narrowedKeys({ apiKeys: keysWithAdmin(given(['one'])) })).toBe(0);
  expect(narrowedKeys({ apiKeys: keysWithAdmin(given(['one', 'two'])) })).toBe(2);
});
