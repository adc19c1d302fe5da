/**
 * The shapes of all frames and bodies. Goal: no client is broken by accident. Method: compares everything that
 * clients send or receive, as JSON Schema, with a recorded snapshot (`npx vitest run test/schema -u`).
 */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startsTurn } from '../../../schema/chat-message.ts';
import { createChatSessionSchema, updateChatSessionSchema } from '../../../schema/chat-session.ts';
import { createChatMessageSchema } from '../../../schema/create-message.ts';
import { eventCatalogue } from '../../../schema/event-catalogue.ts';
import { refusalTable } from '../../../schema/refusal.ts';
import { updateRuntimeConfigSchema } from '../../../schema/runtime-config.ts';
import {
  cancelledTurnsSchema,
  toolCallRecordSchema,
  turnIdentitySchema,
} from '../../../schema/turn-record.ts';
import { closeCodes } from '../../../schema/wire/close-codes.ts';
import { errorBodySchema } from '../../../schema/wire/error-body.ts';
import { wireMessages } from '../../../schema/wire/wire-messages.ts';

/** Definitions are listed once; a shape refers to them by name. `format` replaces its long pattern. */
const definitions = new Map<string, string>();

function shapeOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): string {
  const {
    $schema,
    $defs = {},
    ...shape
  } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  for (const [name, definition] of Object.entries($defs)) definitions.set(name, JSON.stringify(definition));
  return JSON.stringify(shape);
}

it('[WS4] [CAT2] [V1A2] [V1B1] [HTTP1] [HTTP4] are what they were', async () => {
  const bodies = {
    createChatSessionSchema,
    updateChatSessionSchema,
    createChatMessageSchema,
    updateRuntimeConfigSchema,
  };
  const answers = { cancelledTurnsSchema, errorBodySchema, toolCallRecordSchema, turnIdentitySchema };
  const lines = [
    ...wireMessages.map(({ key, namespace, sender, frame }) => {
      const shape = shapeOf(frame, sender === 'client' ? 'input' : 'output');
      return `${key}, ${namespace ?? 'any'}, from the ${sender}: ${shape}`;
    }),
    ...Object.entries(eventCatalogue).map(
      ([name, { namespace, delivery, data }]) => `${name}, ${namespace}, ${delivery}: ${shapeOf(data)}`,
    ),
    ...Object.entries(bodies).map(([name, schema]) => `${name}: ${shapeOf(schema, 'input')}`),
    ...Object.entries(answers).map(([name, schema]) => `${name}: ${shapeOf(schema)}`),
    ...Object.entries({ ...refusalTable, ...closeCodes }).map(
      ([name, entry]) => `${name}: ${JSON.stringify(entry)}`,
    ),
  ];
  lines.push(...[...definitions].map(([name, definition]) => `#${name}: ${definition}`).toSorted());
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('wire-shapes.snapshot');
});

it.each(wireMessages.map((message) => [message.key, message] as const))(
  '[DOC3] the example of %s is what its schema describes',
  (_key, { frame, example, event }) => {
    expect(frame.safeParse(example).success).toBe(true);
    // A compact delta is a list, and has no name.
    if (!Array.isArray(example)) expect(example).toMatchObject({ event });
  },
);

it('[WS4] every frame has a name of its own', () => {
  const keys = wireMessages.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

it('[MSG3] messages of people start a turn, those of models and tools do not', () => {
  expect((['user', 'system', 'developer', 'assistant', 'tool'] as const).map(startsTurn)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
