/**
 * What clients may choose: models, options of answers, and the roles of messages ([CHO1]–[CHO3]). Pure: the config says
 * what is allowed (src/config/client-settings.ts), the command door asks.
 */
import type { MessageRole } from './chat-message.ts';
import type { ModelOptions } from './model-options.ts';
import { matchesName } from './name-pattern.ts';
import { hasScope, type Principal, type Scope } from './principal.ts';
import type { CatalogProvider } from './provider-catalog.ts';
import { missingScope, type Refusal, refusal } from './refusal.ts';

/** Who chooses: a principal, by what it is allowed. */
export type Chooser = Pick<Principal, 'scopes'>;

/**
 * The models that principals may choose: those of `everybody`, and those of each scope that they have. Names, or their
 * beginnings with a `*` behind.
 */
export type ModelLists = { readonly [For in Scope | 'everybody']?: readonly string[] | undefined };

/** Bounds of a number, both included; an absent one is that of the option itself. */
export type NumberRange = { readonly min?: number | undefined; readonly max?: number | undefined };

/** What clients may do with an option: give any value, none, or a number within bounds. */
export type OptionPolicy = 'allow' | 'deny' | NumberRange;

/** Every option has one: an option that is added without one is an error of the compiler. */
export type OptionPolicies = {
  readonly [Option in keyof ModelOptions]-?: NonNullable<ModelOptions[Option]> extends number
    ? OptionPolicy
    : Exclude<OptionPolicy, NumberRange>;
};

export type ClientChoices = {
  /** `null`: every model of every configured provider. */
  readonly models: ModelLists | null;
  readonly options: OptionPolicies;
  /** `scope`: messages of other roles than `user` need the scope `roles`; `any`: they need none. */
  readonly roles: 'scope' | 'any';
};

/** What clients may choose where the config says nothing about it. */
export const everyOption: OptionPolicies = {
  engine: 'allow',
  agent: 'allow',
  model: 'allow',
  systemPrompt: 'allow',
  temperature: 'allow',
  topP: 'allow',
  maxOutputTokens: 'allow',
  reasoningEffort: 'allow',
  contextTokensMax: 'allow',
};

/** Why the chooser may not give these options, or `null`. */
export function optionsRefusal(
  { models, options: policies }: ClientChoices,
  chooser: Chooser,
  options: ModelOptions,
): Refusal | null {
  const { model } = options;
  for (const [name, policy] of Object.entries(policies)) {
    const value: unknown = Reflect.get(options, name);
    const reason = value === undefined ? null : policyRefusal(name, policy, value);
    if (reason !== null) return reason;
  }
  return model === undefined || mayChooseModel(models, chooser, model)
    ? null
    : refusal('forbidden', `${JSON.stringify(model)} is not among the models that you may choose`);
}

/** The options without those that the chooser may not give. */
export function permittedOptions(
  choices: ClientChoices,
  chooser: Chooser,
  options: ModelOptions,
): ModelOptions {
  const permitted = Object.entries(options).filter(
    ([name, value]) => optionsRefusal(choices, chooser, { [name]: value }) === null,
  );
  return Object.fromEntries(permitted);
}

/** Why the chooser may not store messages of this role, or `null`. */
export function roleRefusal({ roles }: ClientChoices, chooser: Chooser, role: MessageRole): Refusal | null {
  return role === 'user' || roles === 'any' || hasScope(chooser, 'roles') ? null : missingScope('roles');
}

export function mayChooseModel(models: ModelLists | null, chooser: Chooser, model: string): boolean {
  return patternsFor(models, chooser)?.some((pattern) => matchesName(pattern, model)) ?? true;
}

/** The catalogue as the chooser is shown it: without the models that it may not choose, and providers of nothing else. */
export function permittedCatalog(
  catalog: readonly CatalogProvider[],
  models: ModelLists | null,
  chooser: Chooser,
): readonly CatalogProvider[] {
  const patterns = patternsFor(models, chooser);
  if (patterns === null) return catalog;
  return catalog.flatMap((provider) => {
    const isRehearsal = provider.name === 'rehearsal';
    const permitted = provider.models.filter(({ id }) => {
      const model = isRehearsal ? id : `${provider.name}/${id}`;
      return patterns.some((pattern) => matchesName(pattern, model));
    });
    // A model of a provider may be chosen without being listed.
    const isOpen = !isRehearsal && patterns.some((pattern) => isAbout(pattern, `${provider.name}/`));
    return permitted.length > 0 || isOpen ? [{ ...provider, models: permitted }] : [];
  });
}

/** Whether the pattern fits a name that begins so. */
function isAbout(pattern: string, beginning: string): boolean {
  return pattern.startsWith(beginning) || matchesName(pattern, beginning);
}

/** `null`: every model. */
function patternsFor(models: ModelLists | null, chooser: Chooser): readonly string[] | null {
  if (models === null) return null;
  const { everybody = [], ...byScope } = models;
  const own = [...chooser.scopes].flatMap((scope) => byScope[scope] ?? []);
  return [...everybody, ...own];
}

function policyRefusal(name: string, policy: OptionPolicy, value: unknown): Refusal | null {
  if (policy === 'allow') return null;
  if (policy === 'deny') return refusal('forbidden', `Clients may not choose ${name} here`);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = policy;
  if (typeof value === 'number' && value >= min && value <= max) return null;
  const bounds = [
    ...(policy.min === undefined ? [] : [`at least ${policy.min}`]),
    ...(policy.max === undefined ? [] : [`at most ${policy.max}`]),
  ];
  return refusal('forbidden', `Clients must choose ${name} ${bounds.join(' and ')} here`);
}
