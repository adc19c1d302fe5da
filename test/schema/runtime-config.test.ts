/** Patches of the runtime config as clients send them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import {
  defaultRuntimeConfig,
  patchedRuntimeConfig,
  runtimeConfigSchema,
  updateRuntimeConfigSchema,
} from '../../schema/runtime-config.ts';

describe('a patch of the runtime config', () => {
  it('[CFG3] is refused or gives a config that the wire allows, whatever was sent', () => {
    const anyPatch = fc.record(
      {
        apiUrl: fc.oneof(fc.string(), fc.jsonValue()),
        features: fc.oneof(
          fc.dictionary(fc.string({ minLength: 1 }), fc.boolean()),
          fc.jsonValue({ maxDepth: 1 }),
        ),
        theme: fc.oneof(fc.constantFrom('light', 'dark', 'midnight', 'aurora'), fc.jsonValue()),
        unknown: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyPatch, (sent) => {
        const patch = updateRuntimeConfigSchema.safeParse(JSON.parse(JSON.stringify(sent)));
        if (!patch.success) return;
        const config = patchedRuntimeConfig(defaultRuntimeConfig, patch.data);
        expect(runtimeConfigSchema.parse(config)).toEqual(config);
        expect(Object.keys(config)).not.toContain('unknown');
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['{"theme":"neon"}'],
    ['{"theme":null}'],
    ['{"apiUrl":7}'],
    ['{"features":{"chat":"yes"}}'],
    ['{"features":{"":true}}'],
    ['{"features":[]}'],
    ['[]'],
    ['null'],
    [JSON.stringify({ apiUrl: 'x'.repeat(limits.urlCharactersMax + 1) })],
    [JSON.stringify({ features: { ['x'.repeat(limits.labelCharactersMax + 1)]: true } })],
  ])('[CFG3] is refused as %s', (json) => {
    expect(updateRuntimeConfigSchema.safeParse(JSON.parse(json)).success).toBe(false);
  });

  it('[CFG3] cannot reach the prototype of anything', () => {
    const patch = updateRuntimeConfigSchema.parse(
      JSON.parse('{"features":{"__proto__":true,"constructor":false},"__proto__":{"theme":"light"}}'),
    );
    const config = patchedRuntimeConfig(defaultRuntimeConfig, patch);
    expect(config.theme).toBe('dark');
    expect(Object.getPrototypeOf(config.features)).toBe(Object.prototype);
    expect(config.features['constructor']).toBe(false);
    expect(({} as Record<string, unknown>)['theme']).toBeUndefined();
  });
});
