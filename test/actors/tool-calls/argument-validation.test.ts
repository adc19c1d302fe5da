/**
 * Checking arguments. Goal: no schema of a tool server hangs the check or locks its tool out, and what can be checked
 * is. Method: schemas that hung or locked out, and properties against `ajv` as it is with the engine of JavaScript.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validArguments } from '../../../actors/tool-calls/argument-validation.ts';
import { compiledPattern } from '../../../actors/tool-calls/linear-pattern.ts';
import { withinWork } from '../../../actors/tool-calls/validation-work.ts';
import type { JsonObject, JsonValue } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const toolOf = (inputSchema: JsonObject) => ({ name: 'tool', description: '', inputSchema });

/** What comes of it, and what the log is told. */
function checked(inputSchema: JsonObject, value: JsonValue, times = 1) {
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (message: string, context: object = {}) => void lines.push(`${message} ${JSON.stringify(context)}`),
  };
  const tool = toolOf(inputSchema);
  const outcomes = Array.from({ length: times }, () => validArguments(tool, JSON.stringify(value), log));
  return {
    ok: outcomes[0]?.ok,
    message: outcomes[0]?.ok === false ? outcomes[0].refusal.message : '',
    lines,
  };
}

const text = (schema: JsonObject): JsonObject => ({
  type: 'object',
  properties: { text: schema },
  additionalProperties: false,
});

describe('patterns', () => {
  it.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*a){20}', '([a-z]+)*!'])(
    '[TOOL14] %s takes work in step with the length of the text',
    (source) => {
      const pattern = compiledPattern(source);
      if (typeof pattern === 'string') throw new Error(pattern);
      const workOf = (length: number) => withinWork(() => pattern.test(`${'a'.repeat(length)}?`)).work;
      expect(workOf(40_000)).toBeLessThanOrEqual(2 * workOf(20_000));
      // A backtracking engine would not come back from the first of these.
      expect(checked(text({ pattern: source }), { text: `${'a'.repeat(90_000)}?` }).lines).toEqual([]);
    },
  );

  it.each([
    ['^https\\:\\/\\/', 'https://a', 'http://a'],
    ['(?i)^abc$', 'ABC', 'abd'],
    ['^[\\w\\-\\.]+$', 'a-b.c', 'a b'],
    ['^\\u0041$', 'A', 'B'],
    ['^[^\\x00-\\x1f]*$', 'é', '\n'],
  ])('[TOOL14] %s is checked', (pattern, good, bad) => {
    expect(checked(text({ pattern }), { text: good })).toMatchObject({ ok: true, lines: [] });
    expect(checked(text({ pattern }), { text: bad })).toMatchObject({ ok: false });
  });

  it('[TOOL14] what does not compile is left out alone, and logged once', () => {
    const { ok, message, lines } = checked(
      { ...text({ pattern: '^(?=a)', minLength: 2 }), required: ['text'] },
      { text: 'b', more: 1 },
      3,
    );
    expect(ok).toBe(false);
    expect(message).toBe(
      'Not valid: the arguments must NOT have additional properties ("more"); /text must NOT have fewer than 2 characters',
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('^(?=a)');
  });

  it('[TOOL14] what is left accepts everything that the whole schema accepts', () => {
    const ajv = new Ajv2020({ strict: false, logger: false, unicodeRegExp: false });
    const leaf = fc.oneof(
      fc.constantFrom('^a', 'b$', '^(?=a)', '(.)\\1', '(?!b)').map((pattern) => ({ pattern })),
      fc.constant({ type: 'string' }),
      fc.constant({ maxLength: 1 }),
      fc.constant(true),
    );
    const { schema } = fc.letrec<{ schema: JsonValue }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record({ not: tie('schema') }),
        fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc
          .array(tie('schema'), { minLength: 3, maxLength: 3 })
          .map((three) => Object.fromEntries(three.map((part, at) => [['if', 'then', 'else'][at], part]))),
        fc.record({ contains: tie('schema'), maxContains: fc.constant(1) }),
        fc.record({
          patternProperties: fc.dictionary(fc.constantFrom('^a', '(?=a)', '(?!b)'), tie('schema'), {
            maxKeys: 2,
          }),
          additionalProperties: fc.boolean(),
        }),
        fc.record({ properties: fc.record({ a: tie('schema') }), unevaluatedProperties: fc.boolean() }),
      ),
    }));
    const scalar = fc.constantFrom('', 'a', 'b', 'aa', 'ab');
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'ab'), scalar),
    );
    fc.assert(
      fc.property(schema, value, (part, at) => {
        const whole = { properties: { at: part } };
        if (ajv.validate(whole, { at })) expect(checked(whole, { at })).toMatchObject({ ok: true });
      }),
      {
        numRuns: 500,
        // A part that lost `unevaluatedProperties` because a pattern elsewhere was left out stood under a `not`.
        examples: [
          [
            {
              not: { properties: { a: true }, unevaluatedProperties: false },
              patternProperties: { '(?!b)': { type: 'string' } },
            },
            { b: '' },
          ],
        ],
      },
    );
  });
});

describe('schemas that would hang the check, or lock the tool out', () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, at): [string, JsonValue] => [
      `d${at}`,
      at === 39 ? {} : { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
    ]),
  );
  const deep = (levels: number): JsonObject =>
    JSON.parse(`${'{"properties":{"a":'.repeat(levels)}{}${'}}'.repeat(levels)}`);

  it.each<[string, JsonObject]>([
    ['references that double at each level', { $defs: doubling, $ref: '#/$defs/d0' }],
    ['a schema that is only itself', { $ref: '#' }],
    ['a schema that refers to another server', text({ $ref: 'https://example.org/schema.json' })],
    ['a schema of an older draft that does not say so', text({ minimum: 1, exclusiveMinimum: true })],
    ['a schema nested too deeply', deep(limits.toolSchemaDepthMax + 1)],
    ['a schema nested beyond the stack', deep(50_000)],
    ['a schema that is too long', { description: 'x'.repeat(limits.toolSchemaUnitsMax) }],
    [
      'a schema with too many parts',
      {
        properties: Object.fromEntries(
          Array.from({ length: limits.toolSchemaPartsMax }, (_, at) => [`p${at}`, {}]),
        ),
      },
    ],
  ])('[TOOL14] %s: the tool decides alone, and the log says so once', (_name, schema) => {
    const { ok, lines } = checked(schema, { text: 'a' }, 3);
    expect(ok).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the tool alone checks its arguments');
  });

  it('[TOOL14] a schema may refer to itself, and two may have one $id', () => {
    const schema = (): JsonObject => ({
      $id: 'https://example.org/tree',
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#' } } },
      additionalProperties: false,
    });
    for (let time = 0; time < 2; time++) {
      expect(checked(schema(), { children: [{ children: [] }] })).toMatchObject({ ok: true, lines: [] });
      expect(checked(schema(), { children: [{ leaf: 1 }] })).toMatchObject({ ok: false, lines: [] });
    }
  });

  it('[TOOL14] comparing items and values agrees with ajv, in linear work', () => {
    const ajv = new Ajv2020({ strict: false, logger: false });
    // Its comparison fails on things that have a key `valueOf`.
    const json = fc
      .jsonValue({ maxDepth: 2 })
      .filter((value) => !/valueOf|toString|__proto__/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(
        fc.array(json),
        fc.array(json, { minLength: 1 }),
        fc.boolean(),
        (items, allowed, repeats) => {
          const list = repeats ? [...items, ...items.slice(0, 1)] : items;
          // The round trip leaves what JSON can carry: no -0.
          const whole: JsonObject = JSON.parse(
            JSON.stringify({
              properties: { list: { uniqueItems: true, items: { enum: [...allowed, ...items] } } },
            }),
          );
          const value: JsonObject = JSON.parse(
            JSON.stringify({ list: repeats ? [...list, allowed[0]] : list }),
          );
          expect(checked(whole, value).ok).toBe(ajv.validate(whole, value));
        },
      ),
    );
    const many = Array.from({ length: 20_000 }, (_, at) => ({ at }));
    expect(checked({ properties: { list: { uniqueItems: true } } }, { list: many })).toMatchObject({
      ok: true,
      lines: [],
    });
  });

  it('[TOOL15] refuses arguments that are nested too deep, whatever stands in their texts', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}"[[[{{{"${'}'.repeat(levels)}`;
    const tool = toolOf({ type: 'object' });
    expect(validArguments(tool, nested(limits.toolArgumentsDepthMax), silentLog).ok).toBe(true);
    expect(validArguments(tool, nested(limits.toolArgumentsDepthMax + 1), silentLog)).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('levels deep') },
    });
  });

  it('[TOOL7] never throws, whatever the schema and the arguments', () => {
    const json = fc.dictionary(
      fc.constantFrom(
        'type',
        'pattern',
        'properties',
        'items',
        'not',
        '$ref',
        'enum',
        'required',
        'a',
        '$id',
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(json, fc.string(), fc.jsonValue(), (schema, raw, value) => {
        const tool = toolOf(JSON.parse(JSON.stringify(schema)));
        validArguments(tool, raw, silentLog);
        validArguments(tool, JSON.stringify(value), silentLog);
      }),
    );
  });
});
