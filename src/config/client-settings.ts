/** The settings about what clients may choose (docs/security.md). */
import { z } from 'zod';
import type { ClientChoices, OptionPolicies } from '../../schema/client-choices.ts';
import { limits } from '../../schema/limits.ts';
import { scopes } from '../../schema/principal.ts';
import { settingWords } from './setting-words.ts';

/** A model, or with `*` at its end all whose names begin with the rest. */
const models = z.array(z.string().min(1).max(limits.modelNameCharactersMax)).max(limits.clientModelsMax);

/** A list is for everybody. */
export const clientModelsSchema = z
  .union([
    models.transform((everybody) => ({ everybody })),
    z.partialRecord(z.enum(['everybody', ...scopes]), models),
  ])
  .optional();

const choice = z.enum(['allow', 'deny']).default('allow');
const number = z
  .union([
    z.enum(['allow', 'deny']),
    z
      .strictObject({ min: z.number().optional(), max: z.number().optional() })
      .refine(({ min = -Infinity, max = Infinity }) => min <= max, 'min must not be greater than max'),
  ])
  .default('allow');

export const clientOptionsSchema = z
  .strictObject({
    engine: choice,
    agent: choice,
    model: choice,
    systemPrompt: choice,
    temperature: number,
    topP: number,
    maxOutputTokens: number,
    reasoningEffort: choice,
    contextTokensMax: number,
  } satisfies { readonly [Option in keyof OptionPolicies]: z.ZodType<OptionPolicies[Option]> })
  .prefault({});

export const clientSettings = {
  clientRoles: z.enum(['scope', 'any']).default('scope').register(settingWords, {
    variable: 'CALLBOARD_CLIENT_ROLES',
    kind: 'text',
    reload: 'live',
    allowed: 'one of scope, any',
    description:
      'Whether a message that is not of the role `user` needs the scope `roles` (`scope`), or anybody may send it (`any`).',
  }),
};

type ClientSettings = {
  readonly clientModels?: z.output<typeof clientModelsSchema>;
  readonly clientOptions: z.output<typeof clientOptionsSchema>;
  readonly clientRoles: ClientChoices['roles'];
};

export function clientChoices(config: ClientSettings): ClientChoices {
  return { models: config.clientModels ?? null, options: config.clientOptions, roles: config.clientRoles };
}
