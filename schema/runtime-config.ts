/** The runtime config that clients read and patch (docs/protocol.md A2): one document per server. */
import { z } from 'zod';
import { commandIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { boundedText } from './validation.ts';

export const themes = ['light', 'dark', 'midnight', 'aurora'] as const;

export const runtimeConfigSchema = z
  .object({
    apiUrl: z.string().exactOptional(),
    websocketUrl: z.string().exactOptional(),
    features: z.record(z.string(), z.boolean()),
    theme: z.enum(themes),
  })
  .meta({ id: 'RuntimeConfig' });

export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

export const defaultRuntimeConfig: RuntimeConfig = {
  features: { traces: true, logs: true, chat: true },
  theme: 'dark',
};

const flagName = boundedText({ charactersMin: 1, charactersMax: limits.labelCharactersMax });

/** The name of a flag in a path. `__proto__` is none: what JSON calls so is never a key of an object here. */
export const flagNameSchema = flagName.refine((name) => name !== '__proto__');

/** Body of `PUT /config/flags/:name`. */
export const setFlagSchema = z.object({ value: z.boolean() }).meta({ id: 'SetFlag' });

const url = boundedText({ charactersMax: limits.urlCharactersMax });

/** Body of `PATCH /config`: `features` is merged key by key, the rest replaced; `{}` is legal and broadcast. */
export const updateRuntimeConfigSchema = z
  .object({
    apiUrl: url.optional(),
    websocketUrl: url.optional(),
    features: z.record(flagName, z.boolean()).optional(),
    theme: z.enum(themes).optional(),
  })
  .meta({ id: 'UpdateRuntimeConfig' });

export type UpdateRuntimeConfig = z.infer<typeof updateRuntimeConfigSchema>;

/** Applies a patch. Keys are laid out in the order of docs/protocol.md A2; absent values stay absent. */
export function patchedRuntimeConfig(config: RuntimeConfig, patch: UpdateRuntimeConfig): RuntimeConfig {
  const apiUrl = patch.apiUrl ?? config.apiUrl;
  const websocketUrl = patch.websocketUrl ?? config.websocketUrl;
  return {
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(websocketUrl === undefined ? {} : { websocketUrl }),
    features: { ...config.features, ...patch.features },
    theme: patch.theme ?? config.theme,
  };
}

const configValue = z.union([z.string(), z.boolean(), z.null()]);

/** One key of the config: `theme`, `apiUrl`, `websocketUrl` or `features.<name>`; `null`: it was, or is, not there. */
export const configKeyChangeSchema = z
  .object({ key: z.string(), from: configValue, to: configValue })
  .meta({ id: 'ConfigKeyChange' });
export type ConfigKeyChange = z.infer<typeof configKeyChangeSchema>;

/** Who gave the command: a name derived from the API key that does not reveal it; `everybody` without keys. */
const by = z.string().max(limits.ownerUnitsMax);

export const configChangeKinds = ['patched', 'flag', 'reset'] as const;

/** Data of `config.changed`: what the history of the config keeps. */
export const configChangedSchema = z.object({
  id: commandIdSchema,
  by,
  kind: z.enum(configChangeKinds),
  changes: z.array(configKeyChangeSchema),
});

/** An entry of `GET /config/history`. */
export const configChangeSchema = z
  .object({ ...configChangedSchema.shape, at: z.iso.datetime() })
  .meta({ id: 'ConfigChange' });
export type ConfigChange = z.infer<typeof configChangeSchema>;

/** Data of `config.flag.updated`; `previous` `null`: there was no such flag. */
export const flagUpdatedSchema = z
  .object({
    name: z.string(),
    value: z.boolean(),
    previous: z.boolean().nullable(),
    by,
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'FlagUpdated' });

/** Data of `config.reset`. */
export const configResetSchema = z
  .object({ changes: z.array(configKeyChangeSchema), by, timestamp: z.iso.datetime() })
  .meta({ id: 'ConfigReset' });

/** What differs, in the order of keys. */
export function configChanges(before: RuntimeConfig, after: RuntimeConfig): ConfigKeyChange[] {
  const [from, to] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
    const change = { key, from: from.get(key) ?? null, to: to.get(key) ?? null };
    return change.from === change.to ? [] : [change];
  });
}

function valuesOf({ features, ...rest }: RuntimeConfig): Map<string, string | boolean> {
  const flags = Object.entries(features).map(([name, value]) => [`features.${name}`, value] as const);
  return new Map<string, string | boolean>([...Object.entries(rest), ...flags]);
}
