/** The JSON Schemas of the config file and of the config in force, made from the declarations of the settings. */
import { z } from 'zod';
import type { ConfigSchemaDocument } from '../../../schema/config-editor.ts';
import { type EngineSettingKey, engineSettingsSchema, engineSettingWords } from '../engine-settings.ts';
import { configSchema } from '../settings.ts';
import { settings } from '../settings-list.ts';
import { version } from '../version.ts';

/** `readOnly` marks what a page may not change; of structured settings a part may be changed, as `x-page` lists it. */
export function configSchemaDocument(): ConfigSchemaDocument {
  const input = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Callboard config file',
    type: 'object',
    properties: { ...flatProperties(), ...structuredProperties() },
    additionalProperties: false,
  };
  const shown = {
    ...input,
    title: 'Callboard config in force',
    properties: { ...input.properties, ...pickerProperties },
    additionalProperties: true,
  };
  return { id: 'callboard-config', version, schema: shown, inputSchema: input };
}

function flatProperties(): ConfigSchemaDocument['schema'] {
  const schemas = new Map(Object.entries(configSchema.shape));
  return Object.fromEntries(
    settings.map(({ key, description, allowed, reload, page, secret, variable, flag }) => {
      const schema = schemas.get(key);
      return [
        key,
        {
          ...(schema === undefined ? {} : jsonSchema(schema)),
          description: `${description} Must be ${allowed}.`,
          ...(page === true ? {} : { readOnly: true }),
          ...(secret === true ? { writeOnly: true, format: 'password' } : {}),
          'x-reload': reload,
          'x-variable': variable,
          ...(flag === undefined ? {} : { 'x-flag': flag }),
        },
      ];
    }),
  );
}

function structuredProperties(): ConfigSchemaDocument['schema'] {
  const schemas: Readonly<Record<EngineSettingKey, z.ZodType>> = engineSettingsSchema.shape;
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => {
      const { description, reload, page } = engineSettingWords[key as EngineSettingKey];
      return [
        key,
        {
          ...jsonSchema(schema),
          description,
          ...(page.length === 0 ? { readOnly: true } : {}),
          'x-page': page.map((path) => path.join('.')),
          'x-reload': reload,
        },
      ];
    }),
  );
}

/** Keys of the baseline's picker, which stand for `defaultModel` (docs/protocol.md A6). */
const pickerProperties: ConfigSchemaDocument['schema'] = {
  model: { type: 'string', description: 'The model that answers by default, without its provider.' },
  provider: {
    type: 'object',
    description: 'The provider of that model.',
    properties: { name: { type: 'string' } },
    required: ['name'],
  },
};

function jsonSchema(schema: z.ZodType): ConfigSchemaDocument['schema'] {
  // As the file has it: before defaults and transformations.
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(made));
}
