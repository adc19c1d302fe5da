/** JSON item by item: the same as the whole at once, for any text and any pieces. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { ArrivingItems } from '../../../src/transcripts/arriving-items.ts';

const objects = fc
  .dictionary(
    fc.string({ maxLength: 4 }),
    fc.oneof(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.jsonValue({ maxDepth: 4 })),
  )
  .map((value) => JSON.stringify(value));
const spaced = fc
  .tuple(objects, fc.constantFrom(0, 1, '\t'))
  .map(([text, space]) => JSON.stringify(JSON.parse(text), null, space));
/** JSON with one character that does not belong there, or one missing. */
const broken = fc
  .tuple(spaced, fc.nat(), fc.constantFrom('', '"', '[', ']', '{', '}', ',', ':', '\\', '1', 'x'))
  .map(([text, at, other]) => {
    const place = at % text.length;
    return text.slice(0, place) + other + text.slice(place + 1);
  });
const anyJson = fc.oneof(
  spaced,
  broken,
  fc.json(),
  fc.string({ unit: fc.constantFrom(...'[]{},:"\\1 a'), maxLength: 12 }),
);

function arrived(text: string, size: number) {
  const items = new ArrivingItems();
  for (let at = 0; at < text.length; at += size) {
    const reason = items.push(text.slice(at, at + size));
    if (reason !== null) return { ok: false as const, refusal: reason };
  }
  return items.end();
}

/** Puts the items in their places again. */
function whole(frame: unknown, items: readonly unknown[]): unknown {
  if (typeof frame !== 'object' || frame === null) return frame;
  const outer: [string, unknown][] = Object.entries(frame).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((stand) => items[stand]) : value,
  ]);
  return Array.isArray(frame) ? outer.map(([, value]) => value) : Object.fromEntries(outer);
}

function atOnce(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

describe('JSON that is parsed item by item', () => {
  it('[TRN10] is what JSON.parse makes of the whole, or refused where that fails', () => {
    fc.assert(
      fc.property(anyJson, fc.integer({ min: 1, max: 20 }), (text, size) => {
        const expected = atOnce(text);
        const found = arrived(text, size);
        if (expected === null) expect(found).toMatchObject({ ok: false, refusal: { code: 'bad_json' } });
        else if (!found.ok) throw new Error(`refused: ${found.refusal.message}`);
        else expect(whole(found.value.frame, found.value.items)).toStrictEqual(expected.value);
      }),
      { numRuns: 2000 },
    );
  });

  it('[TRN12] is bounded: items, the text of one, and what is beside them', () => {
    const tooLarge = { ok: false, refusal: { code: 'body_too_large' } };
    expect(arrived(`{"a":[${'1,'.repeat(limits.importItemsMax)}1]}`, 65_536)).toMatchObject(tooLarge);
    expect(arrived(`{"a":["${'x'.repeat(limits.importItemUnitsMax)}`, 65_536)).toMatchObject(tooLarge);
    expect(arrived(`{"a":"${'x'.repeat(limits.importFrameUnitsMax)}`, 65_536)).toMatchObject(tooLarge);
    expect(arrived(`{"a":[${'1,'.repeat(limits.importItemsMax - 1)}1]}`, 65_536).ok).toBe(true);
  });

  it('[TRN10] says where it breaks off', () => {
    expect(arrived('{"a":[1,{"b', 3)).toMatchObject({
      refusal: { message: 'Request body must be valid JSON: it ends in item 2 of its lists' },
    });
    expect(arrived('{"a":[1,{"b" 2}]}', 3)).toMatchObject({
      refusal: { message: expect.stringMatching(/^Request body must be valid JSON: item 2 of its lists: ./) },
    });
  });
});
