/** Turning Zod's issues into the entries that baseline clients read; and which texts are accepted. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { boundedText, validationErrors } from '../../schema/validation.ts';

function errorsOf(schema: z.ZodType, value: unknown) {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : validationErrors(parsed.error);
}

const schema = z.object({
  text: boundedText({ charactersMin: 1, charactersMax: 5 }).optional(),
  flag: z.boolean().optional(),
  count: z.int().min(1).max(9).optional(),
  part: z.int().positive().optional(),
  below: z.number().lt(1).optional(),
  name: z
    .string()
    .regex(/^[a-z]{1,3}$/)
    .optional(),
  choice: z.enum(['a', 'b']).optional(),
  id: z.uuid().optional(),
  inner: z.object({ deep: z.array(z.string()) }).optional(),
});

it.each<[value: object, property: string, name: string, message: string]>([
  [{ text: '' }, 'text', 'isNotEmpty', 'text should not be empty'],
  [{ text: '123456' }, 'text', 'maxLength', 'text must be shorter than or equal to 5 characters'],
  [{ text: 5 }, 'text', 'isString', 'text must be a string'],
  [{ text: 'a\0' }, 'text', 'noNul', 'text must not contain the character U+0000'],
  [{ flag: 'yes' }, 'flag', 'isBoolean', 'flag must be a boolean value'],
  [{ count: 0 }, 'count', 'min', 'count must not be less than 1'],
  [{ count: 10 }, 'count', 'max', 'count must not be greater than 9'],
  [{ part: 0 }, 'part', 'min', 'part must be greater than 0'],
  [{ below: 1 }, 'below', 'max', 'below must be less than 1'],
  [{ name: 'bad name!' }, 'name', 'matches', 'name must match /^[a-z]{1,3}$/'],
  [{ count: 1.5 }, 'count', 'isInt', 'count must be an integer number'],
  [{ count: '1' }, 'count', 'isNumber', 'count must be a number'],
  [{ choice: 'c' }, 'choice', 'isIn', 'choice must be one of the following values: a, b'],
  [{ id: 'x' }, 'id', 'isUuid', 'id must be a valid uuid'],
  [{ inner: [] }, 'inner', 'isObject', 'inner must be an object'],
  [{ inner: { deep: {} } }, 'inner.deep', 'isArray', 'inner.deep must be an array'],
  [{ inner: { deep: ['', 1] } }, 'inner.deep.1', 'isString', 'inner.deep.1 must be a string'],
])('[HTTP4] %j: %s, %s', (value, property, name, message) => {
  expect(errorsOf(schema, value)).toEqual([{ property, constraints: { [name]: message } }]);
});

it.each<[schema: z.ZodType, value: unknown, name: string, message: string]>([
  [z.string().refine(() => false), 'x', 'isValid', 'field is not valid'],
  [
    z.string().refine(() => false, { params: { constraint: 'isCursor' } }),
    'x',
    'isCursor',
    'field must be a cursor, <epoch>:<seq>',
  ],
  [z.email(), 'x', 'matches', 'field must be a valid email'],
  [z.date(), 'x', 'isValid', 'field must be of type date'],
  [z.record(z.string(), z.boolean()), [], 'isObject', 'field must be an object'],
  [z.number().multipleOf(3), 4, 'isValid', 'field is not valid: '],
  [z.strictObject({}), { more: 1 }, 'isValid', 'field is not valid: '],
  [
    z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    {},
    'isValid',
    'field is not valid: ',
  ],
  [z.record(z.uuid(), z.boolean()), { x: true }, 'isValid', 'field is not valid: '],
  [z.map(z.object({}), z.boolean()), new Map([[{}, 1]]), 'isValid', 'field is not valid: '],
])('[HTTP4] any other finding of %s has words of its own', (given, value, name, message) => {
  const [entry] = errorsOf(z.object({ field: given }), { field: value });
  expect(Object.keys(entry?.constraints ?? {})).toEqual([name]);
  const said = entry?.constraints[name] ?? '';
  if (message.endsWith(': ')) expect(said).toMatch(/^field[.x]* is not valid: ./);
  else expect(said).toBe(message);
});

it('[HTTP4] one entry per property, with all that is wrong with it', () => {
  expect(errorsOf(schema, { text: '12345\0', flag: 1 })).toEqual([
    { property: 'text', constraints: { maxLength: expect.any(String), noNul: expect.any(String) } },
    { property: 'flag', constraints: { isBoolean: 'flag must be a boolean value' } },
  ]);
  expect(errorsOf(schema, 'no object')).toEqual([
    { property: 'body', constraints: { isObject: 'body must be an object' } },
  ]);
});

it('[TXT1] [TXT2] text that is let in is well-formed, without NUL and of as many characters as allowed', () => {
  const text = boundedText({ charactersMin: 1, charactersMax: 5 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (given) => {
      const parsed = text.safeParse(given);
      const characters = [...given].length;
      expect(parsed.success).toBe(characters >= 1 && characters <= 5 && !given.includes('\0'));
      if (parsed.success) expect(parsed.data).toBe(given.toWellFormed());
    }),
  );
  expect(text.parse('a\ud83d')).toBe('a\uFFFD');
});
