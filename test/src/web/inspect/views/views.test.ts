/**
 * Goal: addresses, steps, zooming and times work as described. Method: properties, and examples where the exact text
 * matters.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionIdSchema } from '../../../../../schema/ids.ts';
import { historyStepSchema, type SessionHistory } from '../../../../../schema/session-history.ts';
import { type Place, placeOf, queryOf } from '../../../../../src/web/inspect/address.ts';
import { fittedView, panned, zoomed } from '../../../../../src/web/inspect/chart/pan-zoom.ts';
import { fittedText, textWidth } from '../../../../../src/web/inspect/chart/text-width.ts';
import {
  noActorText,
  placeOfSeq,
  playDelayMs,
  withPage,
} from '../../../../../src/web/inspect/time/history-steps.ts';
import { durationText, gapText } from '../../../../../src/web/inspect/views/duration.ts';

describe('the address', () => {
  const place: fc.Arbitrary<Place> = fc.record({
    sessionId: fc.uuid(),
    seq: fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    actorId: fc.option(fc.constantFrom('runtimeConfig', 'session.a/turn.b')),
  });

  it('leads back to the place that it was made of', () => {
    fc.assert(
      fc.property(place, (given) => {
        expect(placeOf(queryOf(given))).toEqual(given);
      }),
    );
  });

  it('is read without complaint, whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (session, seq, query) => {
        for (const text of [query, `?${new URLSearchParams({ session, seq })}`]) {
          const { sessionId, seq: place } = placeOf(text);
          if (sessionId === null) expect(place).toBeNull();
          if (place !== null) expect(Number.isSafeInteger(place)).toBe(true);
        }
      }),
    );
  });
});

describe('a step without actors', () => {
  it('[VIS2] says whether there were none or they are not known', () => {
    expect(noActorText('closed')).toBe('No actor was there at this step.');
    expect(noActorText('recorded')).toBe('The actors of this step are not known.');
  });
});

describe('the steps of a session', () => {
  const step = (seq: number, at = seq) =>
    historyStepSchema.parse({
      seq,
      at,
      event: 'tool.call',
      namespace: 'tools',
      data: null,
      basis: 'replayed',
      actorId: null,
      inputs: [],
      actors: [],
      untaken: [],
      note: null,
    });
  const seqs = fc
    .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 40 })
    .map((all) => all.toSorted((one, other) => one - other));

  it('are found by seq: the last at or before it, the first when all come after', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 0, max: 11_000 }), (given, seq) => {
        const found = placeOfSeq(
          given.map((each) => step(each)),
          seq,
        );
        const before = given.findLastIndex((each) => each <= seq);
        expect(found).toBe(given.length === 0 ? -1 : Math.max(0, before));
      }),
    );
  });

  it('are put together from pages that touch, in any order, each once; a page elsewhere replaces them', () => {
    const sessionId = sessionIdSchema.parse('6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11');
    fc.assert(
      fc.property(seqs, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 }))), (given, asked) => {
        let known: ReturnType<typeof withPage> | null = null;
        for (const [start, size] of asked) {
          const offset = given.length === 0 ? 0 : start % given.length;
          const page: SessionHistory = {
            sessionId,
            complete: true,
            events: { count: given.length, first: null, last: null },
            offset,
            steps: given.slice(offset, offset + size).map((seq) => step(seq)),
            next: null,
          };
          const before: ReturnType<typeof withPage> | null = known;
          known = withPage(known, page);
          const end = known.offset + known.steps.length;
          expect(known.steps.map(({ seq }) => seq)).toEqual(given.slice(known.offset, end));
          expect(known.offset).toBeLessThanOrEqual(offset);
          const touches =
            before !== null &&
            offset <= before.offset + before.steps.length &&
            offset + page.steps.length >= before.offset;
          if (touches) expect(known.steps.length).toBeGreaterThanOrEqual(before.steps.length);
        }
      }),
    );
  });

  it('are played at their own pace, within what can be seen and waited for', () => {
    const steps = [step(1, 0), step(2, 1), step(3, 900), step(4, 100_000)];
    expect([0, 1, 2, 3].map((place) => playDelayMs(steps, place, 1))).toEqual([250, 899, 1500, 0]);
    expect(playDelayMs(steps, 2, 2)).toBe(750);
  });
});

describe('the view of a chart', () => {
  const side = fc.integer({ min: 40, max: 4000 });
  const size = fc.record({ width: side, height: side });
  const view = fc.record({
    x: fc.nat(1000),
    y: fc.nat(1000),
    scale: fc.double({ min: 0.2, max: 3, noNaN: true }),
  });

  it('that fits shows all of it, in the middle', () => {
    fc.assert(
      fc.property(size, size, (drawing, frame) => {
        const { x, y, scale } = fittedView(drawing, frame);
        fc.pre(scale > 0.1);
        expect(x).toBeGreaterThanOrEqual(-0.01);
        expect(y).toBeGreaterThanOrEqual(-0.01);
        expect(2 * x + drawing.width * scale).toBeCloseTo(frame.width, 5);
        expect(2 * y + drawing.height * scale).toBeCloseTo(frame.height, 5);
      }),
    );
  });

  it('keeps what is under the pointer there when it is zoomed', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        fc.nat(1000),
        fc.nat(1000),
        (given, factor, x, y) => {
          const next = zoomed(given, factor, { x, y });
          expect((x - next.x) / next.scale).toBeCloseTo((x - given.x) / given.scale, 5);
          expect((y - next.y) / next.scale).toBeCloseTo((y - given.y) / given.scale, 5);
        },
      ),
    );
  });

  it('can be neither lost nor blown up by zooming', () => {
    const zoom = (factor: number) =>
      Array.from({ length: 50 }).reduce<ReturnType<typeof zoomed>>(
        (now) => zoomed(now, factor, { x: 0, y: 0 }),
        { x: 0, y: 0, scale: 1 },
      );
    expect(zoom(2).scale).toBe(4);
    expect(zoom(0.5).scale).toBe(0.1);
    expect(panned({ x: 1, y: 2, scale: 3 }, 10, 20)).toEqual({ x: 11, y: 22, scale: 3 });
  });
});

describe('words', () => {
  it('of times are short', () => {
    expect([0, 999, 9_990, 12_345, 185_000, 7_800_000, 363_600_000].map(durationText)).toEqual([
      '0.0 s',
      '0.9 s',
      '9.9 s',
      '12 s',
      '3 min 5 s',
      '2 h 10 min',
      '4 d 5 h',
    ]);
    expect([-5, 35.4, 1200].map(gapText)).toEqual(['+0 ms', '+35 ms', '+1.2 s']);
  });

  it('that are too long are cut to what fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 200 }), (text, width) => {
        const cut = fittedText(text, 11, width);
        if (cut === text) expect(textWidth(text, 11)).toBeLessThanOrEqual(width);
        else expect(cut.endsWith('…') && text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });
});
