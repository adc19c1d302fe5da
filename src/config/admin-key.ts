/** The setting `adminKey` as one of the keys of the config ([KEY8]). */
import { scopes } from '../../schema/principal.ts';
import type { Config } from './settings.ts';

/**
 * `apiKeys` with the admin key, which has every scope. It narrows nobody: a key alone that says no scopes keeps all of them
 * beside it ([AUTH6]).
 */
export function keysWithAdmin({
  adminKey,
  apiKeys,
  inspectKeys,
}: Pick<Config, 'adminKey' | 'apiKeys' | 'inspectKeys'>): Config['apiKeys'] {
  if (adminKey === undefined) return apiKeys;
  const isAlone = apiKeys.length + inspectKeys.length === 1;
  const kept = apiKeys.map((one) => {
    const { key, ...says } = typeof one === 'string' ? { key: one } : one;
    return isAlone ? { key, scopes: [...scopes], ...says } : one;
  });
  return [...kept, { key: adminKey, name: 'admin', scopes: [...scopes] }];
}
