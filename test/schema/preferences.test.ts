/** Layouts are merged key by key; model options too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergedModelOptions, modelOptionsSchema, patchedModelOptions } from '../../schema/model-options.ts';
import {
  changedLayout,
  layoutSchema,
  mergedLayout,
  shownLayout,
  shownLayoutSchema,
} from '../../schema/preferences.ts';

const layouts = fc
  .dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }))
  .map((value) => layoutSchema.parse(value));

describe('a layout', () => {
  it('[PRF1] takes over what a patch names, keeps the rest, and merging again changes nothing', () => {
    fc.assert(
      fc.property(layouts, layouts, (layout, patch) => {
        const merged = mergedLayout(layout, patch);
        for (const [key, value] of Object.entries(layout))
          if (!Object.hasOwn(patch, key)) expect(merged[key]).toEqual(value);
        for (const [key, value] of Object.entries(patch))
          if (value === null) expect(Object.hasOwn(merged, key)).toBe(false);
        expect(mergedLayout(merged, patch)).toEqual(merged);
      }),
    );
  });

  it('[PRF1] is merged at any depth; null removes', () => {
    const layout = { panels: { traces: true, logs: { width: 3 } }, theme: 'dark' };
    expect(mergedLayout(layout, { panels: { logs: { height: 2 }, traces: null } })).toEqual({
      panels: { logs: { width: 3, height: 2 } },
      theme: 'dark',
    });
    const evil = JSON.parse('{"__proto__": {"polluted": true}}');
    expect(Reflect.get(mergedLayout({}, evil), 'polluted')).toBeUndefined();
  });
});

describe('a layout that is shown', () => {
  it('[PRF1] has what was put, the keys that the page reads, and the time of the change', () => {
    fc.assert(
      fc.property(layouts, fc.array(layouts, { maxLength: 3 }), fc.nat(), (first, patches, updatedAt) => {
        const layout = patches.reduce(changedLayout, changedLayout({}, first));
        const shown = shownLayoutSchema.parse(shownLayout({ layout, updatedAt }));
        expect(shown.updatedAt).toBe(new Date(updatedAt).toISOString());
        expect(shown).toHaveProperty('chat');
        for (const [key, value] of Object.entries(layout)) {
          if (key !== 'chat') expect(shown[key]).toEqual(value);
        }
      }),
    );
  });

  it('[PRF1] has defaults for what was never put, and for what was removed', () => {
    const chat = { collapsedPanels: {}, sessionSettings: {}, templates: {} };
    const updatedAt = '1970-01-01T00:00:00.000Z';
    const shown = (layout: object) => shownLayout({ layout: layoutSchema.parse(layout), updatedAt: 0 });
    expect(shown({})).toEqual({ chat, updatedAt });
    expect(shown({ updatedAt: 'never', panels: { logs: true } })).toEqual({
      ...{ chat, updatedAt },
      panels: { logs: true },
    });
    const put = changedLayout({}, { chat: { templates: { short: 'Be brief' }, own: 1 } });
    expect(shown(put)).toEqual({ chat: { ...chat, templates: { short: 'Be brief' }, own: 1 }, updatedAt });
    expect(shown(changedLayout(put, { chat: { templates: null } }))).toEqual({
      chat: { ...chat, own: 1 },
      updatedAt,
    });
  });
});

describe('model options', () => {
  it('[MDL5] of the nearer one win, key by key; null clears, and nothing is left of nothing', () => {
    const server = { temperature: 0.1, systemPrompt: 'brief' };
    const session = { model: 'local/small', temperature: 0.9 };
    expect(mergedModelOptions(server, session)).toEqual({ ...server, ...session });
    expect(patchedModelOptions(session, { temperature: null, topP: 0.5 })).toEqual({
      model: 'local/small',
      topP: 0.5,
    });
    expect(patchedModelOptions({ topP: 0.5 }, { topP: null })).toBeUndefined();
    expect(patchedModelOptions(session, null)).toBeUndefined();
  });

  it.each([
    { temperature: 3 },
    { model: '' },
    { topP: 0 },
    { maxOutputTokens: 1.5 },
    { reasoningEffort: 'much' },
  ])('[MDL5] refuses %j', (options) => {
    expect(modelOptionsSchema.safeParse(options).success).toBe(false);
  });
});
