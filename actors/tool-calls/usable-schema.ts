/**
 * A tool's JSON Schema without what cannot be checked. Tool servers write their schemas as they like, so one bad part
 * costs that part: a pattern that does not compile is left out alone, and `null` counts as absent. What is left accepts
 * everything that the whole schema accepts.
 */
import type { JsonObject, JsonSchemaObject, JsonValue } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { compiledPattern } from './linear-pattern.ts';

/** Stands in every part of a usable schema; the validator counts its work by it. */
export const workKeyword = '$callboardWork';

export type UsableSchema = {
  readonly schema: JsonSchemaObject;
  /** What was left out, and why, one sentence each. */
  readonly leftOut: readonly string[];
};

/** Throws an `Error` when the schema is too large or nested too deeply. */
export function usableSchema(given: JsonSchemaObject): UsableSchema {
  const units = JSON.stringify(given).length;
  if (units > limits.toolSchemaUnitsMax) {
    throw new Error(`it has ${units} characters, more than ${limits.toolSchemaUnitsMax}`);
  }
  const walk = new SchemaWalk();
  const schema = walk.schema(given, 0);
  // The second walk knows from its beginning that something is missing.
  return { schema: walk.leftOut.length === 0 ? schema : walk.relaxed(given), leftOut: walk.leftOut };
}

/** Values of these are no schemas. */
const plainKeywords = new Set([
  'const',
  'enum',
  'default',
  'examples',
  'example',
  'required',
  'dependentRequired',
  '$vocabulary',
]);
/** Values of these are schemas by name: what stands there is no keyword. */
const namedSchemas = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
/** These accept less where the schema in them accepts more. */
const contraryKeywords = new Set(['not', 'if', 'oneOf']);

class SchemaWalk {
  readonly #patterns = new Map<string, string | null>();
  readonly leftOut: string[] = [];
  #patternsSize = 0;
  #missesProperties = false;
  #relaxes = false;
  #parts = 0;

  schema(given: JsonObject, depth: number): JsonObject {
    if (depth > limits.toolSchemaDepthMax) {
      throw new Error(`it is nested more than ${limits.toolSchemaDepthMax} levels deep`);
    }
    if (++this.#parts > limits.toolSchemaPartsMax) {
      throw new Error(`it has more than ${limits.toolSchemaPartsMax} parts`);
    }
    const kept: [string, JsonValue][] = [[workKeyword, true]];
    for (const [keyword, value] of Object.entries(given)) {
      if (value === null && keyword !== 'const' && keyword !== 'default') continue;
      if (keyword === workKeyword) continue;
      if (keyword === 'pattern' && typeof value === 'string' && !this.#compiles(value)) continue;
      if (this.#relaxes && this.#refusesTooMuch(keyword, value, given)) {
        // What one of them has to accept is still known, only not that no other may.
        if (keyword === 'oneOf' && !('anyOf' in given)) kept.push(['anyOf', this.#part(value, depth)]);
        continue;
      }
      kept.push([keyword, this.#value(keyword, value, depth)]);
    }
    return Object.fromEntries(kept);
  }

  relaxed(given: JsonObject): JsonObject {
    this.#relaxes = true;
    this.#parts = 0;
    return this.schema(given, 0);
  }

  #refusesTooMuch(keyword: string, value: JsonValue, given: JsonObject): boolean {
    if (contraryKeywords.has(keyword)) return this.#isTouched(value);
    if (keyword === 'maxContains') return this.#isTouched(given['contains'] ?? null);
    // They refuse the properties that no other part has seen.
    if (keyword === 'unevaluatedProperties') return this.#missesProperties;
    if (keyword !== 'additionalProperties') return false;
    return Object.keys(asObject(given['patternProperties'])).some((pattern) => !this.#compiles(pattern));
  }

  /** True if something is left out of this part, or may be out of what it refers to. */
  #isTouched(value: JsonValue): boolean {
    if (Array.isArray(value)) return value.some((each) => this.#isTouched(each));
    return Object.entries(asObject(value)).some(
      ([key, inner]) =>
        key === '$ref' ||
        key === '$dynamicRef' ||
        (key === 'unevaluatedProperties' && this.#missesProperties) ||
        (key === 'pattern' && typeof inner === 'string' && !this.#compiles(inner)) ||
        (key === 'patternProperties' && Object.keys(asObject(inner)).some((each) => !this.#compiles(each))) ||
        this.#isTouched(inner),
    );
  }

  #value(keyword: string, value: JsonValue, depth: number): JsonValue {
    if (plainKeywords.has(keyword)) return value;
    if (!namedSchemas.has(keyword) || !isObject(value)) return this.#part(value, depth);
    const named = Object.entries(value).filter(
      ([name]) => keyword !== 'patternProperties' || this.#compiles(name, true),
    );
    return Object.fromEntries(named.map(([name, part]) => [name, this.#part(part ?? {}, depth)]));
  }

  #part(value: JsonValue, depth: number): JsonValue {
    if (Array.isArray(value)) return value.map((each) => this.#part(each, depth + 1));
    return isObject(value) ? this.schema(value, depth + 1) : value;
  }

  #compiles(source: string, isProperty = false): boolean {
    let problem = this.#patterns.get(source);
    if (problem === undefined) {
      problem = this.#problemOf(source);
      this.#patterns.set(source, problem);
      if (problem !== null) {
        const shown = JSON.stringify(cutText(source, limits.toolNoteUnitsMax));
        this.leftOut.push(`the pattern ${shown} is not checked: ${problem}`);
      }
    }
    if (problem !== null && isProperty) this.#missesProperties = true;
    return problem === null;
  }

  #problemOf(source: string): string | null {
    if (this.#patternsSize > limits.schemaPatternsSizeMax) return 'the patterns before it are too large';
    const compiled = compiledPattern(source);
    if (typeof compiled === 'string') return compiled;
    this.#patternsSize += compiled.size;
    return null;
  }
}

function asObject(value: JsonValue | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
