/** How deep the JSON of clients may be nested. Method: any JSON, wrapped until it has a depth on either side of the bound. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsedClientJson } from '../../schema/client-json.ts';
import { isJsonDeeper } from '../../schema/json-depth.ts';
import { limits } from '../../schema/limits.ts';
import { decodeEnvelope } from '../../schema/wire/frame.ts';
import { jsonObjectIn } from '../../src/gateway/http/request-body.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const bracketed = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a', ' ') });
const json = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.dictionary(bracketed, fc.array(bracketed)),
  fc.array(bracketed),
);
const levels = fc.oneof(
  fc.integer({ min: limits.jsonDepthMax - 6, max: limits.jsonDepthMax + 3 }),
  fc.nat({ max: 5000 }),
);

/** Texts of the value within so many more levels of lists, objects or both. */
const wrapped = fc.tuple(json, levels, fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), fc.nat(1));
function wrap([value, count, isList, spaces]: typeof wrapped extends fc.Arbitrary<infer Wrapped>
  ? Wrapped
  : never) {
  const kinds = Array.from({ length: count }, (_, level) => isList[level % isList.length]);
  const open = kinds.map((list) => (list ? '[' : '{"]\\"}":'));
  const close = kinds.toReversed().map((list) => (list ? ']' : '}'));
  return open.join('') + JSON.stringify(value, null, spaces) + close.join('');
}

it('[HTTP27] is taken up to the bound and refused beyond it, by bodies and frames alike', () => {
  fc.assert(
    fc.property(wrapped, (given) => {
      const text = wrap(given);
      const depth = depthOf(given[0]) + given[1];
      const isTaken = depth <= limits.jsonDepthMax;
      const parsed = parsedClientJson(text, 'It');
      expect(parsed.ok).toBe(isTaken);
      if (parsed.ok) expect(depthOf(parsed.value)).toBe(depth);
      const around = `{"event":"x","data":${text}}`;
      const bytes = Buffer.from(around);
      const isBodyTaken = depth + 1 <= limits.jsonDepthMax;
      const tooDeep = { ok: false, refusal: { code: 'json_too_deep' } };
      for (const read of [jsonObjectIn(bytes), decodeEnvelope(bytes)])
        expect(read).toMatchObject(isBodyTaken ? { ok: true } : tooDeep);
    }),
  );
});

it('[HTTP27] is measured exactly, and of any text whatever', () => {
  fc.assert(
    fc.property(json, fc.nat(8), (value, most) => {
      expect(isJsonDeeper(JSON.stringify(value), most)).toBe(depthOf(value) > most);
    }),
  );
  fc.assert(
    fc.property(bracketed, (text) => {
      const parsed = parsedClientJson(text, 'It');
      expect(parsed).toEqual(parsed.ok ? { ok: true, value: JSON.parse(text) } : expect.anything());
    }),
  );
});

it.each(['[', '{"a":', '{', '[{"":', '"\\', '"\\\\"'])(
  '[HTTP27] 200 kB of %s are not read beyond the bound, or in one pass',
  (part) => {
    const text = part.repeat(200_000 / part.length);
    expect(parsedClientJson(text, 'It')).toMatchObject({ ok: false });
  },
);
