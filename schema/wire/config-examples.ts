/** Examples of the history of the runtime config, for the API documents (SPEC [DOC3]). */
import type { z } from 'zod';
import {
  configChangeSchema,
  configKeyChangeSchema,
  configResetSchema,
  flagNameSchema,
  flagUpdatedSchema,
} from '../runtime-config.ts';
import { exampleIds } from './example-ids.ts';

const change = { key: 'features.logs', from: true, to: false } satisfies z.input<
  typeof configKeyChangeSchema
>;
const by = 'local';
const timestamp = '2026-11-23T04:40:02.301Z';

export const configExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [flagNameSchema, 'logs'],
  [configKeyChangeSchema, change],
  [
    configChangeSchema,
    { id: exampleIds.command, by, kind: 'flag', changes: [change], at: timestamp } satisfies z.input<
      typeof configChangeSchema
    >,
  ],
  [
    flagUpdatedSchema,
    { name: 'logs', value: false, previous: true, by, timestamp } satisfies z.input<typeof flagUpdatedSchema>,
  ],
  [configResetSchema, { changes: [change], by, timestamp } satisfies z.input<typeof configResetSchema>],
];
