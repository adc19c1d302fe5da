/**
 * Previews (I9). Goal: for any value of a model or tool, at most 2,000 units and `…`, valid JSON text, no split
 * surrogate pair, never an exception. Method: hostile values, and texts around the cut.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { cutText, preview, valueText } from '../../schema/preview.ts';
import {
  agentIdOf,
  shownToolEvent,
  toolEventSchema,
  toolFact,
  toolFactSchema,
} from '../../schema/tool-event.ts';
import { oddValue } from '../arbitraries/odd-values.ts';
import { anyText } from '../arbitraries/texts.ts';
import { toolCallInput } from '../arbitraries/tool-call-events.ts';
import { passes } from '../named-property.ts';
import { expectPreview, previewBounds } from '../property/codec.ts';

const max = limits.previewUnitsMax;

/** Texts whose length and last units lie around the cut. */
const textAroundTheCut = fc
  .tuple(fc.integer({ min: max - 4, max: max + 4 }), fc.array(anyText, { maxLength: 3 }))
  .map(([length, ends]) => {
    const end = ends.join('').slice(0, 8);
    return `${'x'.repeat(Math.max(0, length - end.length))}${end}`;
  });

describe('a preview', () => {
  it('[TXT4] is bounded, well-formed and valid JSON on the wire, whatever the value', async () => {
    expect(max).toBe(2000);
    await passes(previewBounds);
    fc.assert(
      fc.property(textAroundTheCut, (text) => {
        expectPreview(preview(text));
        expectPreview(preview([text]));
        expectPreview(preview({ [text]: text }));
      }),
      { numRuns: 400 },
    );
  });

  it('[TXT4] keeps what fits, lone surrogates mended, and cuts the rest', () => {
    fc.assert(
      fc.property(textAroundTheCut, (text) => {
        const cut = preview(text);
        if (text.length <= max) expect(cut).toBe(text.toWellFormed());
        else {
          const kept = cut?.slice(0, -1) ?? '';
          expect(text.toWellFormed().startsWith(kept.replace(/\uFFFD$/, ''))).toBe(true);
          expect(kept.length).toBeGreaterThanOrEqual(max - 1);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[TXT4] cuts at exactly 2,000 units', () => {
    expect(preview('x'.repeat(1999))).toBe('x'.repeat(1999));
    expect(preview('x'.repeat(2000))).toBe('x'.repeat(2000));
    expect(preview('x'.repeat(2001))).toBe(`${'x'.repeat(2000)}…`);
  });

  it('[TXT4] keeps a pair that ends at the cut and drops one that straddles it', () => {
    expect(preview(`${'x'.repeat(1998)}🎉y`)).toBe(`${'x'.repeat(1998)}🎉…`);
    expect(preview(`${'x'.repeat(1999)}🎉y`)).toBe(`${'x'.repeat(1999)}…`);
    expect(preview(`${'x'.repeat(1998)}🎉`)).toBe(`${'x'.repeat(1998)}🎉`);
    expect(cutText('🎉', 1)).toBe('…');
  });

  it.each([
    [null, null],
    [undefined, null],
    ['', ''],
    ['text', 'text'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [false, 'false'],
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [{ toJSON: () => 'instead' }, '"instead"'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    [12n, '12'],
    [Symbol('name'), 'Symbol(name)'],
    [{ big: 1n }, '[object Object]'],
    [
      {
        toJSON: () => {
          throw new Error('no');
        },
        toString: () => 'in words',
      },
      'in words',
    ],
    [Object.assign(Object.create(null), { big: 1n }), null],
    ['a\uD800b', 'a\uFFFDb'],
  ])('[TXT4] shows %o as %o', (value, expected) => {
    expect(preview(value)).toBe(expected);
  });

  it('[TXT4] never throws for the whole text either', () => {
    fc.assert(
      fc.property(oddValue, ({ value }) => {
        const text = valueText(value);
        expect(text === null || typeof text === 'string').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a tool event', () => {
  it('[TOOL6] shows previews, a trimmed agent or null, and is what the wire expects', () => {
    fc.assert(
      fc.property(oddValue, oddValue, oddValue, (one, two, three) => {
        const [given, result, agentId] = [one.value, two.value, three.value];
        const { sessionId, id, name, at } = toolCallInput;
        const fact = toolFact({ sessionId, id, name, status: 'completed', at, agentId });
        const event = shownToolEvent(fact, { arguments: given, result }, max);
        expect(toolFactSchema.parse(fact)).toEqual(fact);
        expect(toolEventSchema.parse(event)).toEqual(event);
        expect(event.arguments).toBe(preview(given));
        expect(event.result).toBe(preview(result));
        expect(event.agentId === null || event.agentId.trim() === event.agentId).toBe(true);
        expect(event.agentId).not.toBe('');
      }),
      { numRuns: 400 },
    );
    expect([' a ', '', ' \n', 1, null, undefined].map(agentIdOf)).toEqual([
      'a',
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
