/** Lines in any chunks, held against the lines of the whole body split at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadLine, JsonLines } from '../../../../src/gateway/http/json-lines.ts';

const bytesMax = 12;
const badUtf8 = Buffer.from([0xc3, 0x28]);

/** What is taken of these chunks, and why no more is. */
function taken(chunks: readonly Buffer[]) {
  const lines = new JsonLines(bytesMax);
  const all: string[] = [];
  const take = (line: string) => all.push(line) > 0;
  try {
    for (const chunk of chunks) lines.next(chunk, take);
    const last = lines.end();
    if (last !== '') take(last);
    return { all, bad: null };
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    return { all, bad: error.kind };
  }
}

/** The bytes, cut after each of these lengths. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(from, from + length));
    from += length;
  }
  return [...chunks, bytes.subarray(from)];
}

const goodLine = fc.constantFrom('', ' ', '1', '"é"', '"🙂"', '\ufeff{}', '{"a":12}\r');
const cuts = fc.array(fc.nat({ max: 30 }), { maxLength: 12 });

describe('JSON lines', () => {
  it('[PSH16] are the same in whatever chunks they come', () => {
    fc.assert(
      fc.property(fc.array(goodLine, { maxLength: 12 }), cuts, (lines, lengths) => {
        const all = lines.map((line) => line.trim()).filter((line) => line !== '');
        expect(taken(cut(Buffer.from(lines.join('\n')), lengths))).toEqual({ all, bad: null });
      }),
    );
  });

  it('[PSH16] before one that is too long or no UTF-8 are taken, and none after it', () => {
    const badLine = fc.constantFrom(
      { bytes: badUtf8, kind: 'no UTF-8' as const },
      { bytes: Buffer.from('x'.repeat(bytesMax + 1)), kind: 'too long' as const },
    );
    const good = fc.array(goodLine, { maxLength: 8 });
    fc.assert(
      fc.property(good, badLine, good, cuts, (before, { bytes, kind }, after, lengths) => {
        const head = before.map((line) => `${line}\n`).join('');
        const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\n${after.join('\n')}`)]);
        const all = before.map((line) => line.trim()).filter((line) => line !== '');
        expect(taken(cut(body, lengths))).toEqual({ all, bad: kind });
      }),
    );
  });

  it('may have the greatest length each, however many come at once', () => {
    const line = 'x'.repeat(bytesMax);
    expect(taken([Buffer.from(`${line}\n${line}\n${line}`)])).toEqual({ all: [line, line, line], bad: null });
  });

  it('are not looked at any more when one was not wanted', () => {
    const lines = new JsonLines(bytesMax);
    const seen: string[] = [];
    lines.next(Buffer.concat([Buffer.from('1\n2\n3\n'), badUtf8, Buffer.from('\n')]), (line) => {
      seen.push(line);
      return line !== '2';
    });
    expect(seen).toEqual(['1', '2']);
  });
});
