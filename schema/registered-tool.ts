/**
 * Registered tools: tools of remote HTTP endpoints that operators register while the server runs (SPEC RTL). Their
 * secrets are no part of any of this: only the answers to two commands have one.
 */
import { z } from 'zod';
import { isJsonValue, type JsonSchemaObject } from './json-value.ts';
import { limits } from './limits.ts';
import type { Milliseconds } from './timestamp.ts';
import { boundedText } from './validation.ts';

/** A name that every provider of models accepts. */
export const toolNameSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const schemaWords = {
  description: 'A JSON Schema (draft 2020-12 or 7) of an object: the arguments.',
};

/** What reads it may call itself for each level. Whether it can be used as a schema is checked at the door. */
const givenInputSchema = z
  .record(z.string(), z.unknown())
  .transform((value, { issues }): JsonSchemaObject => {
    if (isJsonObject(value)) return value;
    issues.push({ code: 'custom', input: value, params: { constraint: 'isShallowJson' } });
    return z.NEVER;
  })
  .meta(schemaWords);

const inputSchema = z.record(z.string(), z.json()).meta(schemaWords);

function isJsonObject(value: Readonly<Record<string, unknown>>): value is JsonSchemaObject {
  return isJsonValue(value, limits.registeredToolSchemaLevelsMax);
}

const definition = {
  description: boundedText({ charactersMin: 1, charactersMax: limits.toolDescriptionUnitsMax }),
  inputSchema: givenInputSchema,
  /** `http` or `https`, without a user, a password and a fragment. */
  url: boundedText({ charactersMin: 1, charactersMax: limits.urlCharactersMax }).meta({
    format: 'uri',
  }),
  /** How long one call may take, ms, with the times that it is tried again. */
  timeoutMs: z.int().min(1).max(limits.registeredToolTimeoutMsMax),
  /** True when running the tool twice does no more harm than running it once: then a failed call is tried again. */
  repeatable: z.boolean(),
  /** True when a person must approve each call. */
  requiresApproval: z.boolean(),
};

/** Body of `POST /tools`. Strict: a key that does nothing, such as `headers`, is a mistake. */
export const registerToolSchema = z
  .strictObject({
    name: toolNameSchema,
    ...definition,
    timeoutMs: definition.timeoutMs.default(limits.registeredToolTimeoutMs),
    repeatable: definition.repeatable.default(false),
    requiresApproval: definition.requiresApproval.default(false),
  })
  .meta({ id: 'RegisterTool' });
export type RegisterTool = z.output<typeof registerToolSchema>;

/** Body of `PATCH /tools/:name`: each key that is given replaces what was there. */
export const updateToolSchema = z.strictObject(definition).partial().meta({ id: 'UpdateTool' });
export type UpdateTool = z.output<typeof updateToolSchema>;

/** As everybody may see it: data of `tool.registered`, `tool.updated` and `tool.deactivated`. */
export const registeredToolSchema = z
  .object({
    name: toolNameSchema,
    description: z.string(),
    inputSchema,
    url: z.string(),
    timeoutMs: z.int(),
    repeatable: z.boolean(),
    requiresApproval: z.boolean(),
    /** False: models are not offered it, and no call of it begins. */
    active: z.boolean(),
    /** Counts its secrets, from 1. */
    secretVersion: z.int().positive(),
    /** Since when its calls are signed with that secret. */
    secretSince: z.iso.datetime(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'RegisteredTool' });
export type RegisteredTool = z.output<typeof registeredToolSchema>;

/** The answer to `POST /tools` and `POST /tools/:name/rotate-secret`. */
export const toolWithSecretSchema = registeredToolSchema
  .extend({
    /** What the tool verifies calls with, in the form of Standard Webhooks. It is shown in this answer only. */
    secret: z.string().regex(/^whsec_[A-Za-z0-9+/=]+$/),
  })
  .meta({ id: 'ToolWithSecret' });
export type ToolWithSecret = z.output<typeof toolWithSecretSchema>;

/** Where a tool comes from. */
export const toolSources = ['built-in', 'mcp', 'registered'] as const;
export type ToolSource = (typeof toolSources)[number];

/** A tool in `GET /tools`. */
export const catalogToolSchema = registeredToolSchema
  .pick({
    name: true,
    description: true,
    inputSchema: true,
    timeoutMs: true,
    repeatable: true,
    requiresApproval: true,
    active: true,
  })
  .extend({
    source: z.enum(toolSources),
    /** Whether models are offered it now. An active one is not where the config file turns it off, or another tool has its name. */
    offered: z.boolean(),
    /** What only registered tools have. */
    registered: registeredToolSchema
      .pick({ url: true, secretVersion: true, secretSince: true, createdAt: true, updatedAt: true })
      .exactOptional(),
  })
  .meta({ id: 'CatalogTool' });
export type CatalogTool = z.output<typeof catalogToolSchema>;

/** A command about registered tools, as its actor receives it. */
export type ToolRegistryCommand =
  | {
      readonly type: 'tool.register';
      readonly definition: RegisterTool;
      /** Who else has the name, in words; `null`: nobody. */
      readonly heldBy: string | null;
    }
  | { readonly type: 'tool.update'; readonly name: string; readonly patch: UpdateTool }
  | { readonly type: 'tool.activate' | 'tool.deactivate' | 'tool.rotate-secret'; readonly name: string };

/** How long calls are signed with the secret before the newest, too. */
export function isSecretOverlapping(secretSince: Milliseconds, now: Milliseconds): boolean {
  return now - secretSince < limits.toolSecretOverlapMs;
}
