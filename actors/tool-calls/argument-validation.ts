/**
 * Checks a model's arguments against the JSON Schema of the tool, before anything runs. The errors go back to the
 * model, so that it can correct them. No schema can hang the check (`validation-work.ts`), and no unusable schema makes
 * a tool unusable: then the tool alone decides what it accepts.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonDeeper } from '../../schema/json-depth.ts';
import type { JsonObject, JsonSchemaObject } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { Log, ToolDefinition } from '../ports.ts';
import { linearKeywords } from './linear-keywords.ts';
import { linearPatterns } from './linear-pattern.ts';
import { usableSchema } from './usable-schema.ts';
import { withinWork } from './validation-work.ts';

// Schemas come from tool servers: an unknown keyword is an annotation, not an error.
const options: Options = {
  strict: false,
  allErrors: true,
  validateFormats: false,
  // A part that many others refer to is compiled once, not once for each of them.
  inlineRefs: false,
  logger: false,
  unicodeRegExp: false,
  code: { regExp: linearPatterns },
};
const dialects = { current: dialectOf(new Ajv2020(options)), draft7: dialectOf(new Ajv(options)) };

type Dialect = { readonly ajv: Ajv; readonly ownSchemas: ReadonlySet<string> };

function dialectOf(ajv: Ajv): Dialect {
  for (const definition of linearKeywords) {
    for (const keyword of [definition.keyword].flat()) ajv.removeKeyword(keyword);
    ajv.addKeyword(definition);
  }
  return { ajv, ownSchemas: new Set(Object.keys({ ...ajv.schemas, ...ajv.refs })) };
}

/** `null`: the schema cannot be used. */
type Validator = { validate: ValidateFunction | null; gaveUp: boolean };

/** Compiled once per schema, as long as its tool is known. */
const compiled = new WeakMap<JsonSchemaObject, Validator>();

/** Empty text and `null` mean no arguments. Never throws. */
export function parsedArguments(argumentsJson: string): Outcome<JsonObject> {
  if (isJsonDeeper(argumentsJson, limits.toolArgumentsDepthMax)) {
    const message = `The arguments are nested more than ${limits.toolArgumentsDepthMax} levels deep`;
    return refused(refusal('validation_failed', message));
  }
  let value: unknown;
  try {
    value = argumentsJson.trim() === '' ? {} : (JSON.parse(argumentsJson) ?? {});
  } catch {
    return refused(refusal('bad_json', 'The arguments are not JSON'));
  }
  return isJsonObject(value)
    ? accepted(value)
    : refused(refusal('validation_failed', 'The arguments must be a JSON object'));
}

/**
 * The arguments that the tool's schema accepts, or every finding in one message. What of the schema is not checked is
 * logged once per schema. Never throws.
 */
export function validArguments(tool: ToolDefinition, argumentsJson: string, log: Log): Outcome<JsonObject> {
  const given = parsedArguments(argumentsJson);
  if (!given.ok) return given;
  const validator = validatorOf(tool, log);
  const { validate } = validator;
  if (validate === null) return given;
  try {
    const isValid = withinWork(() => validate(given.value)).value;
    return isValid ? given : refused(refusal('validation_failed', findingsOf(validate.errors ?? [])));
  } catch (cause) {
    if (!validator.gaveUp) tellUnusable(tool, cause, log);
    validator.gaveUp = true;
    return given;
  } finally {
    validate.errors = null;
  }
}

/** Why a schema cannot be used as it is, in one text; `null`: it can. Never throws. */
export function schemaProblem(given: JsonSchemaObject): string | null {
  const { type = 'object' } = given;
  if (type !== 'object')
    return `the arguments must be an object, not ${cutText(JSON.stringify(type), limits.toolNoteUnitsMax)}`;
  try {
    const { schema, leftOut } = usableSchema(given);
    withinWork(() => compiledSchema(schema));
    return leftOut.length === 0 ? null : cutText(leftOut.join('; '), limits.failureReasonUnitsMax);
  } catch (cause) {
    return cutText(cause instanceof Error ? cause.message : String(cause), limits.failureReasonUnitsMax);
  }
}

function validatorOf(tool: ToolDefinition, log: Log): Validator {
  const known = compiled.get(tool.inputSchema);
  if (known !== undefined) return known;
  const validator: Validator = { validate: null, gaveUp: false };
  compiled.set(tool.inputSchema, validator);
  try {
    const { schema, leftOut } = usableSchema(tool.inputSchema);
    validator.validate = withinWork(() => compiledSchema(schema)).value;
    if (leftOut.length > 0)
      log.warn("Parts of a tool's schema are not checked", { tool: tool.name, leftOut });
  } catch (cause) {
    tellUnusable(tool, cause, log);
  }
  return validator;
}

function compiledSchema({ $schema: dialect, ...schema }: JsonSchemaObject): ValidateFunction {
  const { ajv, ownSchemas } = /draft-0[4-7]/.test(String(dialect)) ? dialects.draft7 : dialects.current;
  try {
    return ajv.compile(schema);
  } finally {
    // Ajv remembers every schema for ever, and takes two with one `$id` for a mistake; tool servers come and go.
    ajv.removeSchema(schema);
    for (const known of [ajv.schemas, ajv.refs]) {
      for (const key of Object.keys(known)) if (!ownSchemas.has(key)) delete known[key];
    }
  }
}

function tellUnusable(tool: ToolDefinition, cause: unknown, log: Log): void {
  const reason = cause instanceof Error ? cause.message : String(cause);
  log.warn("A tool's schema cannot be used; the tool alone checks its arguments", {
    tool: tool.name,
    reason: cutText(reason, limits.failureReasonUnitsMax),
  });
}

function findingsOf(errors: readonly ErrorObject[]): string {
  const findings = errors.slice(0, limits.argumentFindingsMax).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${JSON.stringify(params['additionalProperty'])})` : '';
    return `${instancePath === '' ? 'the arguments' : instancePath} ${message ?? 'are not valid'}${extra}`;
  });
  return cutText(`Not valid: ${[...new Set(findings)].join('; ')}`, limits.failureReasonUnitsMax);
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
