/** The runtime config that clients read and patch (docs/protocol.md A2): one document per server. */
import { z } from 'zod';
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

const url = boundedText({ charactersMax: limits.urlCharactersMax });

/** Body of `PATCH /config`: `features` is merged key by key, the rest replaced; `{}` is legal and broadcast. */
export const updateRuntimeConfigSchema = z
  .object({
    apiUrl: url.optional(),
    websocketUrl: url.optional(),
    features: z
      .record(boundedText({ charactersMin: 1, charactersMax: limits.labelCharactersMax }), z.boolean())
      .optional(),
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
