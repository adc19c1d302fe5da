/** The config as pages are shown it: without secrets, and with the keys of the baseline's picker (docs/protocol.md A6). */
import type { JsonObject } from '../../../schema/json-value.ts';
import type { ParsedConfig } from '../file/config-text.ts';
import type { Config } from '../settings.ts';
import { settings } from '../settings-list.ts';
import { maskedValue } from './masked-text.ts';
import { shownModel, shownProvider } from './picked-model.ts';

/**
 * `file`: what `config` was made of, because texts that refer to variables are shown as they were written. Secret
 * settings are left out.
 */
export function shownConfig(config: Config, file: ParsedConfig | null): JsonObject {
  const written = (key: string): JsonObject =>
    jsonObject(file === null ? {} : (maskedValue(file, [key]) ?? {}));
  const providers = written('providers');
  const flat = settings
    .filter(({ secret }) => secret !== true)
    .map(({ key }) => [key, Reflect.get(config, key)] as const);
  return jsonObject({
    ...Object.fromEntries(flat),
    ...shownModel(config.defaultModel),
    modelOptions: config.modelOptions,
    tools: config.tools,
    clientModels: config.clientModels,
    clientOptions: config.clientOptions,
    mcpServers: written('mcpServers'),
    providers: {
      rehearsal: shownProvider('rehearsal', config.defaultModel, ['rehearsal']),
      ...Object.fromEntries(
        Object.keys(config.providers).map((name) => {
          const own = jsonObject(providers[name]);
          return [name, { ...own, ...shownProvider(name, config.defaultModel, modelIds(own['models'])) }];
        }),
      ),
    },
  });
}

function modelIds(models: unknown): readonly string[] {
  if (!Array.isArray(models)) return [];
  return models.map((model: unknown) => String(isJsonObject(model) ? model['id'] : model));
}

/** As JSON has it: without what is not set. */
function jsonObject(value: unknown): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value ?? {}));
  return isJsonObject(json) ? json : {};
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
