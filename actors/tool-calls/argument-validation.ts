/**
 * Checks a model's arguments against the JSON Schema of the tool, before anything runs. The errors go back to the
 * model, so that it can correct them.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject, JsonSchemaObject } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';

// Schemas come from tool servers: an unknown keyword is an annotation, not an error.
const options: Options = {
  strict: false,
  allErrors: true,
  validateFormats: false,
  addUsedSchema: false,
  logger: false,
};
const dialects = { current: new Ajv2020(options), draft7: new Ajv(options) };

/** Compiled once per schema, and kept as long as its tool exists. */
const compiled = new WeakMap<JsonSchemaObject, ValidateFunction>();

/** Empty text and `null` mean no arguments. Never throws. */
export function parsedArguments(argumentsJson: string): Outcome<JsonObject> {
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

/** The arguments if the tool's schema accepts them, or every error in one message. Never throws. */
export function validArguments(schema: JsonSchemaObject, argumentsJson: string): Outcome<JsonObject> {
  const given = parsedArguments(argumentsJson);
  if (!given.ok) return given;
  let validate: ValidateFunction;
  try {
    validate = validatorOf(schema);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refused(refusal('internal', `The tool's own schema cannot be used: ${reason}`));
  }
  return validate(given.value)
    ? given
    : refused(refusal('validation_failed', findingsOf(validate.errors ?? [])));
}

function validatorOf(schema: JsonSchemaObject): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const { $schema: dialect, ...rest } = schema;
  const ajv = /draft-0[4-7]/.test(String(dialect)) ? dialects.draft7 : dialects.current;
  const validate = ajv.compile(rest);
  // Ajv would keep every schema for ever, while tool servers come and go.
  ajv.removeSchema(rest);
  compiled.set(schema, validate);
  return validate;
}

function findingsOf(errors: readonly ErrorObject[]): string {
  const findings = errors.map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${JSON.stringify(params['additionalProperty'])})` : '';
    return `${instancePath === '' ? 'the arguments' : instancePath} ${message ?? 'are not valid'}${extra}`;
  });
  return cutText(`Not valid: ${[...new Set(findings)].join('; ')}`, limits.failureReasonUnitsMax);
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
