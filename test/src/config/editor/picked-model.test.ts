/** Goal: the baseline's page picks a model, and its file stays as it is otherwise. Method: the editor over real files. */
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { withDefaultModel } from '../../../../src/config/editor/picked-model.ts';
import { parseConfigText } from '../../../../src/config/file/config-text.ts';
import { editorWorld, file, saved } from './editor-world.ts';

const { onDisk, applied, editor } = editorWorld();

describe('with the keys of the baseline', () => {
  it('[EDT13] shows the model, and takes it from what the page sends back', async () => {
    const one = editor();
    const shown = one.read();
    expect(shown.config).toMatchObject({
      model: 'small',
      provider: { name: 'local' },
      providers: {
        local: { provider: { name: 'local' }, model: 'small' },
        rehearsal: { provider: { name: 'rehearsal' }, model: 'rehearsal' },
      },
    });
    const pick = (of: object, change: object) => saved(one, stringify({ ...of, ...change }));
    const picks: [object, object, string][] = [
      [shown.config, { model: 'large' }, 'local/large'],
      [shown.input, { model: 'gpt-5', provider: { name: 'cloud' } }, 'cloud/gpt-5'],
      [shown.input, { provider: { name: 'rehearsal' } }, 'rehearsal'],
      [shown.config, { provider: { name: 'cloud' }, model: 'a/b' }, 'cloud/a/b'],
    ];
    for (const [of, change, model] of picks) {
      expect(await pick(of, change)).toMatchObject({ ok: true, value: { restartNeeded: [] } });
      expect(onDisk()).toBe(file.replace('local/small', JSON.stringify(model)));
      expect(applied.at(-1)?.defaultModel).toBe(model);
      expect(one.read().config['defaultModel']).toBe(model);
    }
    const providers = { ...(one.read().input['providers'] as object) };
    const local = { ...Reflect.get(providers, 'local'), provider: { name: 'local' }, model: 'large' };
    expect(
      await pick(shown.input, { provider: { name: 'local' }, providers: { ...providers, local } }),
    ).toMatchObject({ ok: true });
    expect(onDisk()).toBe(file.replace('local/small', '"local/large"'));
    expect(await pick(one.read().config, {})).toEqual({
      ok: true,
      value: { changed: [], restartNeeded: [] },
    });
  });

  it('[EDT13] takes other changes with it, and refuses what is not for pages', async () => {
    const one = editor();
    const { config, input } = one.read();
    expect(await saved(one, stringify({ ...input, model: 'large', turnStepsMax: 9 }))).toMatchObject({
      ok: true,
    });
    expect(parse(onDisk())).toEqual({ ...parse(file), defaultModel: 'local/large', turnStepsMax: 9 });
    expect(await saved(one, stringify({ ...config, model: 'small', host: '0.0.0.0' }))).toMatchObject({
      refusal: { message: expect.stringContaining('host can be changed only') },
    });
    expect(await saved(one, stringify({ ...input, provider: { name: 'nobody' } }))).toMatchObject({
      refusal: { message: expect.stringContaining('There is no provider named "nobody"') },
    });
  });

  it.each([
    ['', 'defaultModel: "rehearsal"\n'],
    ['# only\n', '# only\ndefaultModel: "rehearsal"\n'],
    ['# top\nlogLevel: warn # w\n', '# top\ndefaultModel: "rehearsal"\nlogLevel: warn # w\n'],
    ['{ logLevel: warn }', '{\n  "defaultModel": "rehearsal", logLevel: warn }'],
    ['logLevel: &a warn\ntitleModel: &b rehearsal\ndefaultModel: *b\n', null],
  ])('[EDT13] puts the model into %j', async (text, expected) => {
    const one = editor({ text, argv: ['--model', 'rehearsal'] });
    const given = { ...one.read().input, model: 'rehearsal', provider: { name: 'rehearsal' } };
    expect(await saved(one, stringify(given))).toMatchObject({ ok: true });
    // Nothing was picked that is not in force.
    expect(onDisk()).toBe(text);
    if (expected === null) return;
    const read = parseConfigText(text, 'yaml', 'file');
    if (read.ok) expect(withDefaultModel(read.parsed, 'rehearsal')).toBe(expected);
  });
});
