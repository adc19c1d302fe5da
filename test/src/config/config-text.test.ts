/** Goal: whatever text is called a config file is read as its format says, or refused in bounded time without quoting it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { limits } from '../../../schema/limits.ts';
import { plainValue, scalarsOf } from '../../../src/config/file/config-node.ts';
import { configFormats, parseConfigText } from '../../../src/config/file/config-text.ts';
import { loadConfig } from '../../../src/config/load-config.ts';

describe('the text of a config file', () => {
  const values = fc.dictionary(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key !== '<<'),
    fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value'), { maxKeys: 4 }),
      ),
    })).value,
    { maxKeys: 6, noNullPrototype: true },
  );

  it('[EDT1] has the values that its format gives it, and each stands where its part says', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...configFormats), (value, format) => {
        const text = format === 'json' ? JSON.stringify(value, null, '\t') : stringify(value);
        const read = parseConfigText(`\uFEFF${text}`, format, 'file');
        if (!read.ok) throw new Error(`${read.message}\n${text}`);
        expect(plainValue(read.parsed.root)).toEqual(value);
        for (const { scalar } of scalarsOf(read.parsed.root)) {
          const part = parseConfigText(`a: ${text.slice(scalar.start, scalar.end)}`, 'yaml', 'part');
          if (/^[|>]|[\n\t]/.test(text.slice(scalar.start, scalar.end))) continue;
          expect(part.ok && part.parsed.values.get('a')).toEqual(scalar.value);
        }
      }),
    );
  });

  const nine = (name: string) => Array(9).fill(`*${name}`).join(', ');
  const bomb = Array.from(
    { length: 12 },
    (_, i) => `a${i}: &a${i} [${i === 0 ? 'hunter2' : nine(`a${i - 1}`)}]`,
  );

  it.each([
    ['a bomb of aliases', bomb.join('\n'), 'grows to more than 50000 parts (line 6'],
    ['an alias of itself', 'a: &a [*a]', 'alias of nothing before it (line 1 column 8)'],
    ['an alias of nothing', 'a: *hunter2', 'has an alias of nothing before it'],
    ['brackets', '['.repeat(60_000), 'is nested deeper than 32 levels (line 1'],
    ['nested lists', '- '.repeat(30_000), 'tokens'],
    ['a few hundred nested lists', `${'- '.repeat(900)}hunter2`, 'nested'],
    ['quotes', '"'.repeat(60_000), 'tokens'],
    ['a text that is too long', `#${'x'.repeat(limits.configFileBytesMax)}`, 'has more than 65536 bytes'],
    ['a tag', 'a: !!binary hunter2', 'has a tag'],
    ['an unknown tag', 'a: !hunter2 x', 'has a tag'],
    ['a directive', '%YAML 1.1\n---\na: yes', 'has a %YAML directive'],
    ['a merge key', 'a: &a {b: 1}\nc: {<<: *a}', 'has a merge key (<<), which is not supported (line 2'],
    ['two documents', 'a: 1\n---\na: hunter2', 'is not YAML: multiple docs'],
    ['a key twice', 'hunter2: 1\nhunter2: 2', 'has a key twice (line 2 column 1)'],
    ['a key that is a list', '? [hunter2]\n: 1', 'has a key that is not a plain text'],
    ['a key that is a number', '1: hunter2', 'has a key that is not a plain text'],
    ['a list', '- hunter2', 'must hold one map'],
    ['broken YAML', 'a: [hunter2', 'is not YAML'],
  ])('[EDT2] YAML with %s is refused quickly', (_name, text, words) => {
    const start = performance.now();
    const read = parseConfigText(text, 'yaml', 'file');
    expect(read.ok ? 'it was read' : read.message).toContain(words);
    expect(JSON.stringify(read)).not.toContain('hunter2');
    // Thousands of times longer without bounds; generous, because tests share a processor.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each([
    ['brackets', '['.repeat(60_000), 'is nested deeper than 32 levels'],
    ['a key twice', '{"a": 1, "b": {"c": 1, "c": 2}}', 'has a key twice'],
    ['YAML', 'a: 1', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
  ])('[EDT2] JSON with %s is refused', (_name, text, words) => {
    const read = parseConfigText(text, 'json', 'file');
    expect(read.ok ? 'it was read' : read.message).toContain(words);
  });

  it('[EDT2] any bytes are read or refused', () => {
    const pieces = fc.constantFrom(
      ...'[]{}:,&*!|>#%-?"\'\n \t'.split(''),
      'a',
      '\u0000',
      '---',
      '<<',
      '&a ',
      '*a ',
      '\u{1F600}',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 60 }).map((p) => p.join('')),
          fc.string({ unit: 'binary' }),
        ),
        fc.constantFrom(...configFormats),
        (text, format) => {
          expect([true, false]).toContain(parseConfigText(text, format, 'file').ok);
        },
      ),
    );
  });
});

describe('the config file', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'callboard-config-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  it.each(['callboard.config.json', 'callboard.config.yaml', 'callboard.config.yml'])(
    '[EDT1] may be %s',
    (name) => {
      writeFileSync(
        join(cwd, name),
        name.endsWith('json') ? '{"turnStepsMax": 3}' : '# steps\nturnStepsMax: 3\n',
      );
      expect(loadConfig({ argv: [], env: {}, cwd })).toMatchObject({ config: { turnStepsMax: 3 } });
      expect(loadConfig({ argv: ['--config', name], env: {}, cwd })).toMatchObject({
        config: { turnStepsMax: 3 },
      });
    },
  );

  it('[EDT1] is a mistake if there are two, unless one is named', () => {
    for (const name of ['callboard.config.json', 'callboard.config.yml'])
      writeFileSync(join(cwd, name), '{}');
    const loaded = loadConfig({ argv: [], env: {}, cwd });
    expect(loaded).toMatchObject({
      ok: false,
      message: expect.stringContaining('callboard.config.json, callboard.config.yml'),
    });
    expect(loadConfig({ argv: ['--config', 'callboard.config.yml'], env: {}, cwd })).toMatchObject({
      ok: true,
    });
  });

  it('[EDT2] must be a file, in UTF-8', () => {
    writeFileSync(join(cwd, 'a.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    const load = (name: string) => loadConfig({ argv: ['--config', name], env: {}, cwd });
    expect(load('a.yaml')).toMatchObject({ ok: false, message: 'a.yaml is not UTF-8' });
    expect(load('/dev/null')).toMatchObject({
      ok: false,
      message: expect.stringContaining('it is not a file'),
    });
  });
});
