/** Goal: pages change what is for pages, and nothing else. Method: the editor over real files in a folder. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ConfigEditor } from '../../../../src/config/editor/config-editor.ts';
import { mask } from '../../../../src/config/editor/masked-comments.ts';
import { settings } from '../../../../src/config/settings-list.ts';
import { editorWorld, file, reference, saved } from './editor-world.ts';

const { at, path, onDisk, applied, editor } = editorWorld();

async function refusal(one: ConfigEditor, content: string): Promise<string> {
  const before = onDisk();
  const previewed = one.preview(content, 'yaml');
  const outcome = await saved(one, content);
  if (outcome.ok || previewed.ok) throw new Error('it was accepted');
  expect(previewed.refusal).toEqual(outcome.refusal);
  expect(outcome.refusal.code).toBe('bad_request');
  expect(JSON.stringify(outcome)).not.toContain('hunter2');
  expect(onDisk()).toBe(before);
  expect(applied).toEqual([]);
  return outcome.refusal.message;
}

describe('the config editor', () => {
  it('[EDT4] [EDT5] [EDT19] shows the file and what is in force, without secrets', () => {
    const shown = editor({ argv: ['--port', '5000'] }).read();
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toMatchObject({
      path: path(),
      format: 'yaml',
      content: file.replaceAll(/hunter2[a-z-]*/g, `"${mask}"`),
      input: { port: 4000, apiKeys: [mask], providers: { cloud: { apiKey: reference('CLOUD_KEY') } } },
      config: { port: 5000, turnStepsMax: 5, providers: { local: { apiKey: mask } } },
      error: null,
      version: expect.any(String),
      reloadNeeded: false,
      restartNeeded: [],
      overridden: [{ key: 'port', by: '--port' }],
    });
    expect(shown.config).not.toHaveProperty('apiKeys');
    // The same file is another version to another process, so that nobody can guess at its secrets.
    expect(editor().read().version).not.toBe(shown.version);
  });

  it('[EDT6] changes nothing when what was shown is saved', async () => {
    const one = editor();
    expect(await saved(one, one.read().content)).toEqual({
      ok: true,
      value: { changed: [], restartNeeded: [] },
    });
    expect(onDisk()).toBe(file);
    expect(readdirSync(at(''))).toEqual(['callboard.config.yaml']);
  });

  it('[EDT10] [EDT16] [EDT19] saves what is for pages, beside what was there, and puts it in force', async () => {
    const one = editor();
    const { content, version } = one.read();
    const edited = content
      .replace('turnStepsMax: 5', 'turnStepsMax: 7\ncompression: on # at last')
      .replace('[small,', '[tiny, small,');
    expect(await saved(one, edited, version)).toEqual({
      ok: true,
      value: { changed: ['turnStepsMax', 'providers'], restartNeeded: ['compression'] },
    });
    expect(onDisk()).toBe(
      file
        .replace('turnStepsMax: 5', 'turnStepsMax: 7\ncompression: on # at last')
        .replace('[small,', '[tiny, small,'),
    );
    expect(readFileSync(`${path()}.bak`, 'utf8')).toBe(file);
    expect(applied).toMatchObject([
      { turnStepsMax: 7, compression: 'off', providers: { local: { apiKey: 'hunter2' } } },
    ]);
    expect(one.read()).toMatchObject({
      restartNeeded: ['compression'],
      config: { turnStepsMax: 7, compression: 'off' },
    });
  });

  it.each([
    ['http://127.0.0.1:9/v1', 'http://evil.example', 'providers.local.baseUrl'],
    [`apiKey: "${mask}"`, 'apiKey: mine', 'providers.local.apiKey'],
    [`apiKey: ${reference('CLOUD_KEY')}`, 'apiKeyVariable: PATH', 'providers.cloud.apiKeyVariable'],
    ['    type: openai\n', '    type: openai\n    headers: { a: b }\n', 'providers.cloud.headers.a'],
    ['  cloud:', '  other: { type: openai }\n  cloud:', 'providers.other.type'],
    ['command: npx', 'command: sh', 'mcpServers.files.command'],
    ['disabled: true', 'disabled: false', 'mcpServers.files.disabled'],
    ['mcpServers:', 'mcpServers:\n  evil: { command: sh }', 'mcpServers.evil.command'],
    ['approval: always', 'approval: never', 'tools.clock.approval'],
    [', enabled: false', '', 'tools.clock.enabled'],
    [`apiKeys: ["${mask}"]\n`, '', 'apiKeys.0'],
    [`["${mask}"]`, `["${mask}", mine]`, 'apiKeys.1'],
    ['port: 4000', 'port: 4000\nhost: 0.0.0.0', 'host'],
    ['port: 4000', 'port: 4000\ninspectKeys: [mine]', 'inspectKeys.0'],
    ['port: 4000', 'port: 4000\nweb: off', 'web'],
    ['port: 4000', 'port: 4000\ndatabaseUrl: postgres://a/b', 'databaseUrl'],
    ['port: 4000', 'port: 4000\nretentionDays: 1', 'retentionDays'],
    ['port: 4000', 'port: 4000\nfileGraceMs: 1000', 'fileGraceMs'],
    ['port: 4000', 'port: [4000]', 'port'],
  ])('[EDT7] refuses %j → %j, naming the key', async (from, to, key) => {
    const one = editor();
    const { content } = one.read();
    expect(content).toContain(from);
    const told = await refusal(one, content.replace(from, to));
    expect(told.split('\n')).toContain(`${key} can be changed only in the file on disk`);
  });

  it('[EDT7] lets nothing through that is not for pages, whatever the text', async () => {
    const one = editor();
    const { content } = one.read();
    const flat = fc.constantFrom(
      ...settings.map(({ key }) => key),
      'mcpServers',
      'providers',
      'unknown',
      '__proto__',
    );
    const nested = fc.constantFrom(
      'local',
      'cloud',
      'files',
      'clock',
      'type',
      'apiKey',
      'baseUrl',
      'models',
      '0',
      'constructor',
    );
    const change = fc.tuple(fc.array(nested, { maxLength: 2 }), flat, fc.jsonValue({ maxDepth: 1 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
        const value = parse(content);
        for (const [below, key, put] of changes) setIn(value, [key, ...below], put);
        const previewed = one.preview(stringify(value), 'yaml');
        if (!previewed.ok) return;
        const next = { ...previewed.value.input };
        const before = { ...one.read().input };
        for (const { key, page } of settings) {
          if (page !== true) expect(next[key]).toEqual(before[key]);
        }
        expect(next['mcpServers']).toEqual(before['mcpServers']);
        expect(stripped(next['providers'])).toEqual(stripped(before['providers']));
      }),
    );
  });

  it('[EDT8] makes no variable and no secret visible', async () => {
    const one = editor();
    const { content } = one.read();
    expect(
      await refusal(one, content.replace('label: Large', `label: "${reference('CLOUD_KEY')}"`)),
    ).toContain('providers.local.models.1.label can refer to a variable only in the file on disk');
    const anchored = content.replace(`apiKey: "${mask}"`, `apiKey: &key "${mask}"`);
    await refusal(one, anchored.replace('label: Large', 'label: *key'));
    await refusal(one, anchored.replace('turnStepsMax: 5', 'titleModel: *key'));
    await refusal(one, anchored.replace('models: [small', 'models: [*key'));
    // With an anchor that the file itself has.
    const own = editor({ text: file.replace('apiKey: hunter2', 'apiKey: &key hunter2') });
    await refusal(own, own.read().content.replace('label: Large', 'label: *key'));
  });

  it('[EDT9] previews with every mistake at once, and changes nothing', async () => {
    const one = editor();
    const { content } = one.read();
    const told = await refusal(one, `${content}logLevel: loud\nturnMsMax: 0\nunknwon: 1\n`);
    expect(told.split('\n')).toHaveLength(3);
    expect(await refusal(one, 'a: [')).toContain('content is not YAML');
    const previewed = one.preview(content.replace('turnStepsMax: 5', 'turnStepsMax: 6'), 'yaml');
    expect(previewed).toMatchObject({
      value: {
        input: { turnStepsMax: 6 },
        config: { turnStepsMax: 6, model: 'small' },
        changed: ['turnStepsMax'],
      },
    });
    expect(JSON.stringify(previewed)).not.toContain('hunter2');
    expect([onDisk(), applied]).toEqual([file, []]);
  });

  it('[EDT10] makes a file where there is none, in the format that was asked for', async () => {
    const one = editor({ text: null });
    expect(one.read()).toMatchObject({
      path: at('callboard.config.json'),
      content: '',
      version: null,
      error: null,
    });
    expect(await saved(one, '# mine\nturnStepsMax: 3\n', null)).toMatchObject({ ok: true });
    expect(onDisk()).toBe('# mine\nturnStepsMax: 3\n');
    expect(one.read()).toMatchObject({ path: path(), format: 'yaml', config: { turnStepsMax: 3 } });
    expect(await one.save({ content: '{}', format: 'json' })).toMatchObject({
      refusal: { code: 'bad_request', message: 'The config file is yaml, not json' },
    });
  });

  it('[EDT11] never saves over what somebody else has saved', async () => {
    const one = editor();
    const { content, version } = one.read();
    const both = await Promise.all(
      [6, 7].map((steps) => saved(one, content.replace('x: 5', `x: ${steps}`), version)),
    );
    expect(both).toMatchObject([{ ok: true }, { ok: false, refusal: { code: 'conflict' } }]);
    expect(onDisk()).toContain('turnStepsMax: 6');
    // Sent again: it is there already.
    expect(await saved(one, content.replace('x: 5', 'x: 6'), version)).toMatchObject({ ok: true });
    writeFileSync(path(), onDisk().replace('x: 6', 'x: 8'));
    expect(await saved(one, content.replace('x: 5', 'x: 4'), one.read().version)).toMatchObject({ ok: true });
    expect(await saved(one, content.replace('x: 5', 'x: 9'), version)).toMatchObject({ ok: false });
    // Without a version nothing can be known.
    expect(await saved(one, content.replace('x: 5', 'x: 9'))).toMatchObject({ ok: true });
  });

  it('[EDT12] [EDT4] shows and overwrites nothing of a file that cannot be used', async () => {
    const one = editor();
    const { content } = one.read();
    for (const broken of [`${file}a: [hunter2`, `${file}turnStepsMax: 6\n`, `${file}a: !b c\n`]) {
      writeFileSync(path(), broken);
      const shown = one.read();
      expect(shown).toMatchObject({
        content: '',
        input: {},
        config: { turnStepsMax: 5 },
        error: expect.stringContaining('line'),
      });
      expect(JSON.stringify(shown)).not.toContain('hunter2');
      expect(await saved(one, content)).toMatchObject({ refusal: { code: 'conflict' } });
      expect(one.preview(content, 'yaml')).toMatchObject({ refusal: { code: 'conflict' } });
      expect(onDisk()).toBe(broken);
    }
    // It can be read, but not used: a page may mend what is for pages.
    writeFileSync(path(), file.replace('x: 5', 'x: 500'));
    expect(one.read()).toMatchObject({
      error: expect.stringContaining('turnStepsMax must be'),
      input: { turnStepsMax: 500 },
    });
    expect(await saved(one, one.read().content.replace('x: 500', 'x: 6'))).toMatchObject({ ok: true });
    writeFileSync(at('callboard.config.json'), '{}');
    expect(await saved(one, content)).toMatchObject({
      refusal: { message: expect.stringContaining('several') },
    });
  });

  it('[EDT15] reads the file again, or tells its mistakes and stays as it was', async () => {
    const one = editor();
    writeFileSync(
      path(),
      file.replace('x: 5', 'x: 6').replace('4000', '4001').replace('disabled: true', 'disabled: false'),
    );
    expect(one.read()).toMatchObject({ reloadNeeded: true, config: { turnStepsMax: 5 } });
    expect(await one.reload()).toEqual({
      ok: true,
      value: { changed: ['turnStepsMax', 'mcpServers'], restartNeeded: ['port'] },
    });
    expect(applied).toMatchObject([{ turnStepsMax: 6, port: 4000 }]);
    expect(one.read()).toMatchObject({ reloadNeeded: false, restartNeeded: ['port'] });
    for (const broken of [
      'a: [',
      'turnStepsMax: 0',
      'prot: 1',
      'providers: { x: { type: openai-compatible } }',
    ]) {
      writeFileSync(path(), broken);
      expect(await one.reload()).toMatchObject({ ok: false });
    }
    expect(applied).toHaveLength(1);
    rmSync(path());
    expect(await one.reload()).toMatchObject({ ok: true, value: { restartNeeded: ['port', 'apiKeys'] } });
  });
});

function setIn(value: object, [key = '', ...below]: readonly string[], put: unknown): void {
  // An inherited one is everybody's.
  const inner: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  if (below.length === 0 || typeof inner !== 'object' || inner === null) {
    Object.defineProperty(value, key, { value: put, enumerable: true, configurable: true, writable: true });
  } else setIn(inner, below, put);
}

/** Without what a page may change. */
function stripped(providers: unknown): unknown {
  return JSON.parse(JSON.stringify(providers ?? {}), (key, value) =>
    ['label', 'models', 'accepts'].includes(key) ? undefined : value,
  );
}
