/**
 * JSON that is nested deeply. Goal: no client makes the server overflow its stack. Method: the examples of all that
 * clients send, with deep JSON in the place of each value, and beside it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { layoutSchema } from '../../../../schema/preferences.ts';
import { validationErrors } from '../../../../schema/validation.ts';
import { callboardV1ClientEvents } from '../../../../schema/wire/callboard-v1-frame.ts';
import { exampleOf } from '../../../../schema/wire/examples.ts';
import { none } from '../../../../src/gateway/http/route.ts';
import { routes } from '../../../../src/gateway/routes/route-table.ts';

/** Deeper than any recursive function can go, and still a small body. */
const deepest = 20_000;

function nested(depth: number, isArray: boolean): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = isArray ? [value] : { a: value };
  return value;
}

/** The value with `deep` in the place of each of its values in turn, and beside them. */
function* replaced(value: unknown, deep: unknown): Generator {
  yield deep;
  if (Array.isArray(value)) {
    for (const [at, inner] of value.entries()) {
      for (const other of replaced(inner, deep)) yield value.with(at, other);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, unknown: deep };
    for (const [key, inner] of Object.entries(value)) {
      for (const other of replaced(inner, deep)) yield { ...value, [key]: other };
    }
  }
}

const bodies = routes
  .filter(({ body }) => body !== none)
  .map(({ method, path, body }) => ({ name: `${method} ${path}`, schema: body, example: exampleOf(body) }));

/** What is deeper in frames is what is in bodies. */
const frames = Object.entries(callboardV1ClientEvents).map(([event, schema]) => ({
  name: `a frame ${event}`,
  schema,
  example: 'shape' in schema ? Object.fromEntries(Object.keys(schema.shape).map((key) => [key, 'x'])) : {},
}));

describe('JSON that is nested deeply', () => {
  it.each([...bodies, ...frames])(
    '[HTTP10] in $name is taken or refused, and never overflows',
    ({ schema, example }) => {
      for (const isArray of [false, true]) {
        for (const value of replaced(example, nested(deepest, isArray))) {
          const read = schema.safeParse(value);
          if (!read.success) expect(validationErrors(read.error)).not.toEqual([]);
        }
      }
    },
  );

  it('[PRF2] is a layout up to a depth, whatever is in it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * limits.layoutDepthMax }), fc.boolean(), (depth, isArray) => {
        const read = layoutSchema.safeParse({ a: nested(depth, isArray) });
        expect(read.success).toBe(depth < limits.layoutDepthMax);
        if (read.success) return;
        expect(validationErrors(read.error)).toMatchObject([
          { constraints: { isShallowJson: expect.any(String) } },
        ]);
      }),
    );
  });
});
