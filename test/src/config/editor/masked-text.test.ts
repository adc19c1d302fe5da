/** Goal: no secret is in what is shown, and what comes back is the file again. Method: generated files, full of known secrets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { mask } from '../../../../src/config/editor/masked-comments.ts';
import { maskedText, maskedValue, restoredText } from '../../../../src/config/editor/masked-text.ts';
import {
  type ConfigFormat,
  type ParsedConfig,
  parseConfigText,
} from '../../../../src/config/file/config-text.ts';

function parsed(text: string, format: ConfigFormat = 'yaml'): ParsedConfig {
  const read = parseConfigText(text, format, 'file');
  if (!read.ok) throw new Error(`${read.message}\n${text}`);
  return read.parsed;
}

const reference = (variable: string) => `\${${variable}}`;

/** Each secret is recognised by `s3cret`. */
const secret = fc
  .tuple(
    fc.constantFrom('', 'sk-', 'Bearer ', 'multi\nline ', "it's ", '"', '# ', '- '),
    fc.stringMatching(/^[a-zA-Z0-9,:[\]]{0,8}$/),
  )
  .map(([before, after]) => `${before}s3cret${after}`);
const name = fc.stringMatching(/^[a-z]{1,6}$/);
const secrets = fc.dictionary(name, secret, { maxKeys: 3, noNullPrototype: true });
const file = fc.record(
  {
    port: fc.nat({ max: 65_535 }),
    apiKeys: fc.array(secret, { maxLength: 3 }),
    inspectKeys: fc.array(secret, { maxLength: 2 }),
    databaseUrl: secret,
    providers: fc.dictionary(
      name,
      fc.record(
        {
          type: fc.constant('openai'),
          label: fc.string({ unit: 'grapheme' }),
          apiKey: fc.oneof(secret, fc.constant(reference('MY_KEY'))),
          baseUrl: fc.oneof(
            secret,
            secret.map((text) => `https://u:${encodeURIComponent(text)}@h/v1`),
            fc.constant('https://h/v1'),
          ),
          headers: secrets,
          apiKye: secret,
          models: fc.array(name, { maxLength: 3 }),
        },
        { requiredKeys: ['type'], noNullPrototype: true },
      ),
      { maxKeys: 3, noNullPrototype: true },
    ),
    mcpServers: fc.dictionary(
      name,
      fc.record(
        { command: name, args: fc.array(secret, { maxLength: 2 }), env: secrets, url: secret },
        { requiredKeys: ['command'], noNullPrototype: true },
      ),
      { maxKeys: 2, noNullPrototype: true },
    ),
    unknown: fc.oneof(secret, fc.array(secret, { maxLength: 2 })),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const style = fc.record({
  defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
  collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
  indent: fc.constantFrom(1, 2, 4),
});
const text = fc.oneof(
  fc.tuple(file, style).map(([value, options]) => ({
    format: 'yaml' as const,
    text: `# head\n${stringify(value, options)}# tail\n`,
  })),
  fc
    .tuple(file, fc.constantFrom(0, 2))
    .map(([value, indent]) => ({ format: 'json' as const, text: JSON.stringify(value, null, indent) })),
);

describe('the masked config file', () => {
  it('[EDT5] shows no secret, as text or as values', () => {
    fc.assert(
      fc.property(text, (given) => {
        const before = parsed(given.text, given.format);
        const shown = maskedText(before);
        expect(shown).not.toContain('s3cret');
        expect(JSON.stringify(maskedValue(before))).not.toContain('s3cret');
        expect(Object.fromEntries(parsed(shown, given.format).values)).toEqual(maskedValue(before));
      }),
    );
  });

  it('[EDT6] that comes back is the file, byte for byte, or the same values where it was made anew', () => {
    fc.assert(
      fc.property(text, (given) => {
        const before = parsed(given.text, given.format);
        const shown = parsed(maskedText(before), given.format);
        const restored = restoredText(shown, before);
        if (!restored.ok) throw new Error(restored.refusal.message);
        expect(restored.value.text).toBe(before.text);
        if (given.format === 'json') return;
        const anew = parsed(
          stringify(Object.fromEntries([...shown.values].reverse()), { collectionStyle: 'flow' }),
        );
        const moved = restoredText(anew, before);
        expect(moved.ok && Object.fromEntries(moved.value.values)).toEqual(Object.fromEntries(before.values));
      }),
    );
  });

  it('[EDT5] [EDT6] keeps comments and formatting, and masks what people leave in comments', () => {
    const whole = [
      `# Model: see docs; token: s3cret, key = ${reference('MY_KEY')}`,
      'apiKeys: [ s3cret-1 ,  "s3cret-2" ]   # two of them',
      'inspectKeys:',
      '  - s3cret-3',
      '  # - s3cret-4',
      'providers:',
      '  one:',
      "    type: 'openai'",
      '    apiKey: &key s3cret5abcdefgh # was s3cret5abcdefgh, then abcdef0123456789abcdef',
      `    headers: { a: *key, b: "Bearer ${reference('TOKEN')}" }`,
      `    baseUrl: https://u:${reference('PASSWORD')}@h/v1`,
      '',
    ].join('\n');
    const before = parsed(whole);
    expect(maskedText(before)).toBe(
      [
        `# Model: see docs; token: ${mask}, key = \${MY_KEY}`,
        `apiKeys: [ "${mask}" ,  "${mask}" ]   # two of them`,
        'inspectKeys:',
        `  - "${mask}"`,
        `  # ${mask}`,
        'providers:',
        '  one:',
        "    type: 'openai'",
        `    apiKey: &key "${mask}" # was ${mask}, then ${mask}`,
        `    headers: { a: *key, b: "Bearer ${reference('TOKEN')}" }`,
        `    baseUrl: "${mask}"`,
        '',
      ].join('\n'),
    );
    const restored = restoredText(parsed(maskedText(before)), before);
    expect(restored.ok && restored.value.text).toBe(whole);
  });

  it('[EDT6] refuses a mask that stands for nothing', () => {
    const before = parsed('providers: {one: {type: openai, apiKey: s3cret, label: a}}\n');
    for (const path of [
      ['providers', 'one', 'label'],
      ['providers', 'two', 'apiKey'],
      ['defaultModel'],
      ['providers', 'one', 'headers'],
    ]) {
      const document = parseDocument(maskedText(before));
      document.setIn(path, mask);
      expect(restoredText(parsed(document.toString()), before)).toMatchObject({
        ok: false,
        refusal: { message: expect.stringContaining(path.join('.')) },
      });
    }
    expect(restoredText(parsed(`# ${mask}\n`), before)).toMatchObject({ ok: false });
  });
});
