/**
 * Data and code inside an HTML document. Goal: whatever is in them stays in its element, and comes out as it went in.
 * Method: generated values, made of what ends elements and changes how their text is read.
 */
import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { embeddedJson, embeddedScript, jsonElement } from '../../../src/pages/embedded.ts';
import type { BuiltPage } from '../../../src/pages/page-build.ts';
import { recordingTemplate } from '../../../src/pages/recording-page.ts';

/** In the text of a script element these are markup, in any case of their letters. */
const markup = /<\/?script|<!--/i;

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '</script',
        '</SCRIPT>',
        '<script>',
        '<!--',
        '-->',
        '<',
        '/',
        ']]>',
        '&lt;',
        '</style>',
      ),
      fc.constantFrom('\u2028', '\u2029', '\u0000', '\r\n', '\\', '"', '\\u003c', '\uD800', '😀', '\uFEFF'),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

it('[INS14] any data comes out of its element as it went in, and does not end it', () => {
  const data = fc.oneof(
    hostile,
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.dictionary(hostile, hostile),
  );
  fc.assert(
    fc.property(data, (value) => {
      const text = embeddedJson(value);
      expect(text).not.toContain('<');
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      const element = jsonElement('id="it"', value);
      expect(element.match(/</g)).toHaveLength(2);
      expect(element.startsWith('<script type="application/json" id="it">')).toBe(true);
      expect(element.endsWith('</script>\n')).toBe(true);
    }),
  );
});

it('[INS14] a script means the same in its element, and does not end it', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const code = `[${JSON.stringify(text)}, \`${text.replace(/[\\`$]/g, '\\$&')}\`]`;
      const embedded = embeddedScript(code);
      expect(embedded).not.toMatch(markup);
      expect(runInNewContext(embedded)).toEqual(runInNewContext(code));
    }),
  );
  const pattern = String.raw`/<script|<!--|<\/script/.test(text)`;
  for (const text of ['a <script>', 'a <!-- b', '</script', 'x3Cscript', 'script'])
    expect(runInNewContext(embeddedScript(pattern), { text })).toBe(markup.test(text));
  expect(embeddedScript(pattern)).not.toMatch(markup);
});

it('[VIS11] the policy of the file has the hashes of its own script and style, and allows nothing else', () => {
  const files = [
    { name: 'a.js', text: 'document.title = "</script>"' },
    { name: 'a.css', text: 'a { color: red }' },
    { name: 'w.js', text: 'postMessage("</script>")' },
  ].map((file) => ({ ...file, gzip: Buffer.of(), brotli: Buffer.of() }));
  const page: BuiltPage = { script: 'a.js', style: 'a.css', worker: 'w.js', files, inputs: [] };
  const { before, after } = recordingTemplate(page);
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(before) ?? [];
  const hash = (text: string | undefined) =>
    `'sha256-${createHash('sha256')
      .update(text ?? '')
      .digest('base64')}'`;
  const [, style] = /<style>(.*?)<\/style>/s.exec(before) ?? [];
  const [, script] = /<script type="module">(.*?)<\/script>/s.exec(before) ?? [];
  expect(script).toContain('document.title');
  const directives = Object.fromEntries(policy.split('; ').map((one) => one.split(/ (.*)/)));
  expect(directives).toEqual({
    'default-src': "'none'",
    'script-src': hash(script),
    'style-src': hash(style),
    'connect-src': "'none'",
    'img-src': 'data:',
    'worker-src': 'blob:',
    'base-uri': "'none'",
    'form-action': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'callboard',
  });
  // The policy stands before everything to which it applies.
  expect(before.indexOf('Content-Security-Policy')).toBeLessThan(before.search(/<(?:style|script|link)/));
  expect(after).not.toContain('<script');
});
