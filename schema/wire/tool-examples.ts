/** Registered tools, as examples for the API documents. */
import type { z } from 'zod';
import {
  catalogToolSchema,
  registeredToolSchema,
  registerToolSchema,
  toolNameSchema,
  toolWithSecretSchema,
  updateToolSchema,
} from '../registered-tool.ts';

const definition = {
  name: 'weather',
  description: 'Tells the weather in a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  timeoutMs: 30_000,
  repeatable: false,
  requiresApproval: false,
};
const url = 'https://example.org/tools/weather';
const made = {
  secretVersion: 1,
  secretSince: '2026-11-23T04:40:00.000Z',
  createdAt: '2026-11-23T04:40:00.000Z',
  updatedAt: '2026-11-23T04:40:00.000Z',
};

const tool = { ...definition, url, active: true, ...made } satisfies z.input<typeof registeredToolSchema>;

export const toolExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [toolNameSchema, definition.name],
  [registeredToolSchema, tool],
  [registerToolSchema, { ...definition, url } satisfies z.input<typeof registerToolSchema>],
  [
    updateToolSchema,
    { description: 'Tells the weather.', repeatable: true } satisfies z.input<typeof updateToolSchema>,
  ],
  [
    toolWithSecretSchema,
    { ...tool, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } satisfies z.input<
      typeof toolWithSecretSchema
    >,
  ],
  [
    catalogToolSchema,
    {
      ...definition,
      active: true,
      source: 'registered',
      offered: true,
      registered: { url, ...made },
    } satisfies z.input<typeof catalogToolSchema>,
  ],
];
