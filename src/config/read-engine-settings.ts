/** Reads the models and tools in the config file, and the environment variables that it names. */
import type { z } from 'zod';
import { cutText } from '../../schema/preview.ts';
import {
  type EngineSettings,
  engineSettingKeys,
  engineSettingsSchema,
  type ProviderType,
} from './engine-settings.ts';

export type ReadEngineSettings =
  | { readonly ok: true; readonly settings: EngineSettings }
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable for the key of each kind of provider, when the file names none. */
const keyVariables: Readonly<Record<ProviderType, string | undefined>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  'openai-compatible': undefined,
  'openai-responses': 'OPENAI_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
};

/**
 * `${NAME}` in any text of `providers` and `mcpServers` stands for a variable, which must be set. A provider's key is
 * taken from its variable; a missing key is reported when the provider is used. Problems name places and never show
 * values, because these settings hold secrets.
 */
export function readEngineSettings(
  values: ReadonlyMap<string, unknown>,
  env: Environment,
  fileName: string,
): ReadEngineSettings {
  const missing = new Set<string>();
  const given = Object.fromEntries(
    engineSettingKeys
      .filter((key) => values.has(key))
      .map((key) => {
        const value = values.get(key);
        const mayRefer = key === 'providers' || key === 'mcpServers';
        return [
          key,
          mayRefer ? expanded(value, env, (variable) => missing.add(`${key}: ${variable}`)) : value,
        ];
      }),
  );
  const parsed = engineSettingsSchema.safeParse(given);
  const problems = [
    ...[...missing].map((place) => `${fileName} refers to an environment variable that is not set: ${place}`),
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, fileName))),
  ];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const { providers } = parsed.data;
  const withKeys = Object.entries(providers).map(([name, provider]) => {
    const apiKeyVariable = provider.apiKeyVariable ?? keyVariables[provider.type];
    const fromVariable = apiKeyVariable === undefined ? undefined : env[apiKeyVariable];
    // An empty variable counts as not set, as for every setting.
    return [name, { ...provider, apiKeyVariable, apiKey: provider.apiKey ?? (fromVariable || undefined) }];
  });
  return { ok: true, settings: { ...parsed.data, providers: Object.fromEntries(withKeys) } };
}

function expanded(value: unknown, env: Environment, missing: (variable: string) => void): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (reference, name: string) => {
      const found = env[name];
      if (found !== undefined && found !== '') return found;
      missing(name);
      return reference;
    });
  }
  if (Array.isArray(value)) return value.map((part) => expanded(part, env, missing));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, expanded(part, env, missing)]));
}

/**
 * The place of each problem, and what is expected there. Where several shapes are allowed, the nearest one is
 * described.
 */
function problemsOf(
  issue: z.core.$ZodIssue,
  fileName: string,
  before: readonly PropertyKey[] = [],
): readonly string[] {
  const path = [...before, ...issue.path];
  const nested =
    issue.code === 'invalid_union'
      ? issue.errors.toSorted((one, other) => one.length - other.length)[0]
      : issue.code === 'invalid_key'
        ? issue.issues
        : undefined;
  if (nested !== undefined && nested.length > 0) {
    return nested.flatMap((inner) => problemsOf(inner, fileName, path));
  }
  const wanted =
    issue.code === 'unrecognized_keys'
      ? `has an unknown key ${issue.keys.map((key) => JSON.stringify(cutText(key, 64))).join(', ')}`
      : `is not as it should be: ${issue.message}`;
  return [`${fileName}: ${path.map(String).join('.')} ${wanted}`];
}
