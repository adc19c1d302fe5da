/**
 * Parses the name of a model, and decides whether it can be used. Knows the configuration, not the providers'
 * libraries.
 */

import type { ProviderSettings } from './engine-settings.ts';

export type ModelName =
  | { readonly provider: 'rehearsal' }
  | { readonly provider: string; readonly model: string };

/** Parses `<provider>/<model>` or `rehearsal`; `undefined` when nothing precedes or follows the first slash. */
export function parsedModelName(name: string): ModelName | undefined {
  if (name === 'rehearsal') return { provider: 'rehearsal' };
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) return undefined;
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

/** Why the provider cannot be used, with the variable to set; `undefined` when it can. */
export function keyProblem(name: string, settings: ProviderSettings): string | undefined {
  const { apiKey, apiKeyVariable } = settings;
  if (apiKey !== undefined || apiKeyVariable === undefined) return undefined;
  return `The provider ${name} has no API key: set the environment variable ${apiKeyVariable}`;
}

/** Why a model that the configuration names cannot be used: reported at start, not at the first message. */
export function modelProblem(
  setting: 'defaultModel' | 'titleModel',
  model: string,
  config: RehearsalSettings & { readonly providers: Readonly<Record<string, ProviderSettings>> },
): string | undefined {
  const name = parsedModelName(model);
  if (name === undefined) return `${setting} must be <provider>/<model> or rehearsal`;
  if (!('model' in name)) return isRehearsalOn(config) ? undefined : `${setting}: ${rehearsalIsOff}`;
  const { providers } = config;
  const settings = providers[name.provider];
  const problem =
    settings === undefined ? unknownProvider(name.provider) : keyProblem(name.provider, settings);
  return problem === undefined ? undefined : `${setting}: ${problem}`;
}

type RehearsalSettings = { readonly rehearsal: 'on' | 'off'; readonly defaultModel: string };

/** Whether the rehearsal engine answers at all: it does for tests and trials, beside real models only if asked for. */
export function isRehearsalOn({ rehearsal, defaultModel }: RehearsalSettings): boolean {
  return rehearsal === 'on' || defaultModel === 'rehearsal';
}

export const rehearsalIsOff = 'The rehearsal engine is off; `rehearsal: on` in the configuration allows it';

export function unknownProvider(name: string): string {
  return `There is no provider named ${JSON.stringify(name)} in the configuration`;
}
