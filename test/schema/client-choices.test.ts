/**
 * What clients may choose. Goal: whatever the config and the principal, a choice is permitted if and only if its words say
 * so, and what is left of somebody else's choices is permitted. Method: the rules once more, in the simplest form.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageRoles } from '../../schema/chat-message.ts';
import {
  type ClientChoices,
  everyOption,
  mayChooseModel,
  optionsRefusal,
  permittedCatalog,
  permittedOptions,
  roleRefusal,
} from '../../schema/client-choices.ts';
import { type ModelOptions, modelOptionsSchema } from '../../schema/model-options.ts';
import { type Scope, scopes } from '../../schema/principal.ts';

const chooser = fc.uniqueArray(fc.constantFrom(...scopes)).map((held) => ({ scopes: new Set<Scope>(held) }));
const model = fc.constantFrom('openai/a', 'openai/ab', 'open/a', 'open/a/b', 'rehearsal', '*', 'openai/*');
const pattern = fc.constantFrom('*', 'openai/*', 'openai/a', 'openai/a*', 'open/a/*', 'rehearsal', 'o*', '');
const list = fc.array(pattern, { maxLength: 3 });
const models = fc.option(fc.record({ everybody: list, admin: list, chat: list }, { requiredKeys: [] }), {
  nil: null,
});
const choice = fc.constantFrom('allow' as const, 'deny' as const);
const bounds = fc.record(
  { min: fc.integer({ min: 0, max: 3 }), max: fc.integer({ min: 0, max: 3 }) },
  { requiredKeys: [] },
);
const number = fc.oneof(choice, bounds);
const choices: fc.Arbitrary<ClientChoices> = fc.record({
  models,
  options: fc.record({
    engine: choice,
    agent: choice,
    model: choice,
    systemPrompt: choice,
    temperature: number,
    topP: number,
    maxOutputTokens: number,
    reasoningEffort: choice,
    contextTokensMax: number,
  }),
  roles: fc.constantFrom('scope' as const, 'any' as const),
});
const optionValues = {
  engine: fc.constant('external' as const),
  agent: fc.constant('a'),
  model,
  systemPrompt: fc.constant(''),
  temperature: fc.integer({ min: 0, max: 3 }),
  topP: fc.integer({ min: 0, max: 3 }),
  maxOutputTokens: fc.integer({ min: 0, max: 3 }),
  reasoningEffort: fc.constant('low' as const),
  contextTokensMax: fc.integer({ min: 0, max: 3 }),
};
/** Few at a time: of many, one is always refused. */
const options: fc.Arbitrary<ModelOptions> = fc
  .tuple(fc.record(optionValues), fc.subarray(Object.keys(optionValues), { maxLength: 3 }))
  .map(([all, names]) => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))));

function isPermitted(
  { models: lists, options: policies }: ClientChoices,
  held: ReadonlySet<Scope>,
  given: ModelOptions,
) {
  return Object.entries(given).every(([name, value]) => {
    const policy = new Map(Object.entries(policies)).get(name);
    if (policy === undefined || policy === 'deny') return false;
    if (policy !== 'allow' && (Number(value) < (policy.min ?? 0) || Number(value) > (policy.max ?? 9)))
      return false;
    if (name !== 'model' || lists === null) return true;
    const heard = [lists.everybody, held.has('admin') ? lists.admin : [], held.has('chat') ? lists.chat : []];
    return heard
      .flatMap((one) => one ?? [])
      .some((one) => new RegExp(`^${one.replace(/\*$/, '.*')}$`).test(String(value)));
  });
}

describe('what clients may choose', () => {
  it('[CHO1] [CHO2] is exactly what lists and policies say, option by option', () => {
    const seen = { permitted: 0, refused: 0 };
    fc.assert(
      fc.property(choices, chooser, options, (given, by, asked) => {
        const refusal = optionsRefusal(given, by, asked);
        expect(refusal === null).toBe(isPermitted(given, by.scopes, asked));
        seen[refusal === null ? 'permitted' : 'refused']++;
      }),
      { numRuns: 500 },
    );
    expect(Math.min(seen.permitted, seen.refused)).toBeGreaterThan(20);
  });

  it('[CHO5] keeps of the options of a copied session all that are permitted, and no other', () => {
    fc.assert(
      fc.property(choices, chooser, options, (given, by, asked) => {
        const kept = permittedOptions(given, by, asked);
        expect(optionsRefusal(given, by, kept)).toBeNull();
        for (const [name, value] of Object.entries(asked)) {
          const isRefused = optionsRefusal(given, by, { [name]: value }) !== null;
          expect(Object.hasOwn(kept, name)).toBe(!isRefused);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('[CHO1] the catalogue shows of what it lists exactly the models that may be chosen', () => {
    const catalog = ['rehearsal', 'openai', 'open', 'empty'].map((name) => ({
      name,
      models:
        name === 'rehearsal'
          ? [{ id: name }]
          : name === 'empty'
            ? []
            : [{ id: 'a' }, { id: 'ab' }, { id: 'a/b' }],
      accepts: [],
      available: true,
    }));
    const full = (name: string, id: string) => (name === 'rehearsal' ? id : `${name}/${id}`);
    fc.assert(
      fc.property(models, chooser, (lists, by) => {
        const shown = permittedCatalog(catalog, lists, by);
        const told = shown.flatMap(({ name, models: of }) => of.map(({ id }) => full(name, id)));
        const all = catalog.flatMap(({ name, models: of }) => of.map(({ id }) => full(name, id)));
        expect(told).toEqual(all.filter((one) => mayChooseModel(lists, by, one)));
        // A provider of which nothing may be chosen is not named, and one that lists nothing is shown if something may be.
        const named = new Set(shown.map(({ name }) => name));
        expect(named.has('empty')).toBe(mayChooseModel(lists, by, 'empty/anything'));
        for (const one of all) if (mayChooseModel(lists, by, one)) expect(named).toContain(one.split('/')[0]);
      }),
    );
  });

  it('[CHO3] whoever may not store roles may say something as a user', () => {
    for (const role of messageRoles) {
      for (const roles of ['scope', 'any'] as const) {
        const given = { models: null, options: everyOption, roles };
        expect(roleRefusal(given, { scopes: new Set(['roles']) }, role)).toBeNull();
        const refusal = roleRefusal(given, { scopes: new Set(['chat', 'admin']) }, role);
        expect(refusal?.code ?? null).toBe(role === 'user' || roles === 'any' ? null : 'forbidden');
      }
    }
  });

  it('[CHO2] has a policy for every option', () => {
    expect(Object.keys(everyOption).sort()).toEqual(Object.keys(modelOptionsSchema.shape).sort());
  });
});
