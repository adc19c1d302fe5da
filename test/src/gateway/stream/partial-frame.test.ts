/**
 * The kept frame must equal, byte for byte, the frame made by encoding the whole data, whatever the pieces are: cut
 * through surrogate pairs, full of quotes, control characters and lone surrogates.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverFrame } from '../../../../schema/wire/frame.ts';
import { PartialFrame } from '../../../../src/gateway/stream/partial-frame.ts';

/** Any UTF-16, lone halves included, in pieces of any size. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(0x22, 0x5c, 0x0a, 0x00, 0x2028, 0x7f),
  fc.integer({ min: 0xd800, max: 0xdfff }),
  fc.constantFrom(0xd83d, 0xde00),
);
const piece = fc.array(unit, { maxLength: 40 }).map((units) => String.fromCharCode(...units));
const rest = fc.dictionary(
  fc.string({ maxLength: 5 }).filter((name) => name !== 'content' && name !== '__proto__'),
  fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(undefined), fc.object({ maxDepth: 1 })),
  { maxKeys: 4 },
);

describe('a partial frame', () => {
  it('[WS14] equals the whole encoding after every piece', () => {
    fc.assert(
      fc.property(rest, rest, piece, fc.array(piece), (before, after, first, pieces) => {
        let content = first;
        const data = () => ({ ...before, content, ...after });
        const frame = new PartialFrame('message.partial', data(), 'content');
        expect(frame.frame().equals(Buffer.from(serverFrame('message.partial', data())))).toBe(true);
        for (const next of pieces) {
          frame.append(next);
          content += next;
          expect(frame.frame().equals(Buffer.from(serverFrame('message.partial', data())))).toBe(true);
          expect(frame.units).toBe(content.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('[WS14] holds less than a few times its text', () => {
    const frame = new PartialFrame('e', { text: '' }, 'text');
    for (let index = 0; index < 10_000; index++) frame.append('word ');
    expect(frame.capacity).toBeLessThan(50_000 * 3);
    expect(frame.frame().toString()).toBe(serverFrame('e', { text: 'word '.repeat(10_000) }));
  });

  it('refuses data without the text', () => {
    expect(() => new PartialFrame('e', { text: 1 }, 'text')).toThrow(TypeError);
  });
});
