/** What a server lists as its tools, read leniently: one odd tool is left out, or read as well as it can be. */
import type { JsonObject, JsonSchemaObject, JsonValue } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { roundedNumbers } from './exact-json.ts';
import { isObject, quoted } from './told-value.ts';

export type ListedTool = {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchemaObject;
  readonly isReadOnly: boolean;
  readonly isIdempotent: boolean;
};

/** One page of a list: its tools, why others are left out, and where the list goes on. */
export type ToolPage = {
  readonly tools: readonly ListedTool[];
  readonly problems: readonly string[];
  /** Absent or `null` at the end; an empty text is a cursor like any other. */
  readonly nextCursor: string | null;
};

export function toolPage(result: unknown): ToolPage {
  const { tools, nextCursor } = isObject(result) ? result : {};
  const all: readonly unknown[] = Array.isArray(tools) ? tools : [];
  const read = all.map(listedTool);
  const isNoList = !Array.isArray(tools) && tools !== null && tools !== undefined;
  return {
    tools: read.filter((tool) => typeof tool !== 'string'),
    problems: [
      ...read.filter((tool) => typeof tool === 'string'),
      ...(isNoList ? [`it lists no tools: ${quoted(tools)}`] : []),
    ],
    nextCursor: typeof nextCursor === 'string' ? nextCursor : null,
  };
}

function listedTool(value: unknown): ListedTool | string {
  if (!isObject(value)) return `no tool: ${quoted(value)}`;
  const { name, title, description, annotations, inputSchema } = value;
  if (typeof name !== 'string' || name === '') return `a tool without a name: ${quoted(value)}`;
  const hints = isObject(annotations) ? annotations : {};
  const schema = readSchema(inputSchema);
  if (typeof schema === 'string') return `${name}: ${schema}`;
  return {
    name,
    description: [description, title, hints['title'], name].find((text) => typeof text === 'string') ?? name,
    inputSchema: schema,
    isReadOnly: hints['readOnlyHint'] === true,
    isIdempotent: hints['idempotentHint'] === true,
  };
}

/** Models want an object with `type`. None at all means that anything goes. */
function readSchema(given: unknown): JsonSchemaObject | string {
  if (given === undefined || given === null || given === true) return { type: 'object' };
  const schema = roundedNumbers(given);
  if (!isJsonObject(schema)) return `its schema is no JSON Schema: ${quoted(given)}`;
  const { type, ...rest } = withoutNulls(schema);
  const isOfObjects =
    type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'));
  if (!isOfObjects) return `its arguments are no object but ${quoted(type)}`;
  if (JSON.stringify(rest).length <= limits.toolSchemaUnitsMax) return { type: 'object', ...rest };
  return { type: 'object', description: `The schema is longer than ${limits.toolSchemaUnitsMax} characters` };
}

function withoutNulls(schema: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== null));
}

/** What was parsed from JSON is JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}
