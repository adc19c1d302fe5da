/** The config editor: the server's config file over REST (docs/protocol.md A6; SPEC EDT). */
import { z } from 'zod';
import { limits } from './limits.ts';

export const configFormatSchema = z.enum(['yaml', 'json']);

const object = z.record(z.string(), z.json());

/** Body of `POST /config/editor/preview`: the whole file as text. A masked secret means the one that the file has. */
export const previewConfigSchema = z
  .object({ content: z.string().max(limits.configFileBytesMax), format: configFormatSchema })
  .meta({ id: 'PreviewConfig' });

/** Body of `PUT /config/editor`. `version`: what the editor read; refused (409) if the file is another by now. */
export const saveConfigSchema = previewConfigSchema
  .extend({ version: z.string().max(64).nullable().optional() })
  .meta({ id: 'SaveConfig' });
export type SaveConfig = z.output<typeof saveConfigSchema>;

export const configTextExample: SaveConfig = { content: 'turnStepsMax: 12 # for research\n', format: 'yaml' };

const consequences = {
  /** Settings whose value in the text is not in force before the next start. */
  restartNeeded: z.array(z.string()),
  /** Settings of the text that have no effect, because a flag or a variable overrides them. */
  overridden: z.array(z.object({ key: z.string(), by: z.string() })),
};

export const configPreviewSchema = z
  .object({
    /** The settings of the text, secrets masked. */
    input: object,
    /** What would be in force. */
    config: object,
    /** Settings whose value in the text is not the one in force. */
    changed: z.array(z.string()),
    ...consequences,
  })
  .meta({ id: 'ConfigPreview' });
export type ConfigPreview = z.output<typeof configPreviewSchema>;

export const editedConfigSchema = z
  .object({
    /** Where the file is, or would be made; `null`: this server has none. */
    path: z.string().nullable(),
    format: configFormatSchema,
    /** The file as text, secrets masked; empty if there is none, or if it cannot be read. */
    content: z.string(),
    input: object,
    /** What is in force, without secrets. */
    config: object,
    /** Why the file on disk cannot be used; `null`: it can. */
    error: z.string().nullable(),
    /** Names this content of the file; `null`: there is no file. */
    version: z.string().nullable(),
    /** Whether the file on disk has changed since it was read last. */
    reloadNeeded: z.boolean(),
    ...consequences,
  })
  .meta({ id: 'EditedConfig' });
export type EditedConfig = z.output<typeof editedConfigSchema>;

export const configSchemaDocumentSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    /** JSON Schema of `config`. */
    schema: object,
    /** JSON Schema of `input`, and so of the file. */
    inputSchema: object,
  })
  .meta({ id: 'ConfigSchemaDocument' });
export type ConfigSchemaDocument = z.output<typeof configSchemaDocumentSchema>;

/** Data of `config-file.updated`: names of settings, never their values. */
export const configFileUpdatedSchema = z.object({
  /** Whoever saved it, a name derived from an API key that does not reveal it; `null`: it was read again on a signal. */
  owner: z.string().nullable(),
  changed: z.array(z.string()),
  restartNeeded: z.array(z.string()),
});
export type ConfigFileUpdated = z.output<typeof configFileUpdatedSchema>;
