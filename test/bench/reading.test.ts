/** How the load client reads the text of an answer, and how the summary computes its figures. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameText } from '../../bench/client/frame-text.ts';
import { latencyOf, newHistogram, recordReads } from '../../bench/client/latencies.ts';
import { spreadOf } from '../../bench/report/summary.ts';
import { answerTokens, tokenEnds } from '../../bench/text/answer-text.ts';
import { messageIdSchema, sessionIdSchema } from '../../schema/ids.ts';
import { callboardV1DeltaFrames } from '../../schema/wire/callboard-v1-frame.ts';

const sessionId = sessionIdSchema.parse('00000000-0000-4000-8000-000000000001');
const messageId = messageIdSchema.parse('00000000-0000-4000-8000-000000000002');
const ids = { sessionId, messageId };
const otherMessage = messageIdSchema.parse('00000000-0000-4000-8000-000000000003');

const keys = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  session: fc.nat(5000),
  answer: fc.nat(20),
  tokens: fc.integer({ min: 1, max: 60 }),
  pieceCharacters: fc.constantFrom(0, 40),
});
/** Where the answer is cut into frames: shares of its length, in any order. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 });

function take(text: FrameText, frame: string): void {
  const bytes = Buffer.from(`before${frame}behind`);
  text.take(bytes, 6, 6 + Buffer.byteLength(frame));
}

function pieces(text: string, shares: readonly number[]): readonly [offset: number, text: string][] {
  const at = [0, ...shares.map((share) => Math.round(share * text.length)), text.length];
  const sorted = [...new Set(at)].toSorted((one, other) => one - other);
  return sorted.slice(1).map((end, index) => [sorted[index] ?? 0, text.slice(sorted[index], end)]);
}

it('has the same text everywhere, of nothing that JSON escapes', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const tokens = answerTokens(key);
      expect(tokens).toHaveLength(key.tokens);
      expect(tokens).toEqual(answerTokens({ ...key }));
      expect(tokens.join('')).toMatch(/^[ a-zA-Z]+$/);
      expect(tokenEnds(tokens).at(-1)).toBe(tokens.join('').length);
    }),
  );
});

it('assembles deltas, however they were joined, in both dialects', () => {
  fc.assert(
    fc.property(keys, cuts, fc.constantFrom('json', 'socket-io'), (key, shares, dialect) => {
      const expected = answerTokens(key).join('');
      const text = new FrameText(dialect, undefined);
      text.expect(expected.length);
      for (const [offset, piece] of pieces(expected, shares)) {
        const data = { sessionId, messageId, offset, text: piece };
        take(
          text,
          dialect === 'json'
            ? callboardV1DeltaFrames('message.delta', data)(data.offset, data.text)
            : `42${JSON.stringify(['message.delta', data])}`,
        );
      }
      expect(text.text.toString()).toBe(expected);
      expect([text.complete, text.fault]).toEqual([true, undefined]);
    }),
  );
});

it('assembles contents that grow, and passes over the end of the answer before', () => {
  fc.assert(
    fc.property(keys, cuts, (key, shares) => {
      const expected = answerTokens(key).join('');
      const text = new FrameText('json', undefined);
      text.expect(expected.length);
      const message = (event: string, id: string, content: string) =>
        JSON.stringify({ event, data: { id, sessionId, role: 'assistant', content, createdAt: 'now' } });
      take(text, message('message.updated', otherMessage, 'the whole answer before '.repeat(200)));
      for (const [offset, piece] of pieces(expected, shares)) {
        take(text, message('message.partial', messageId, expected.slice(0, offset) + piece));
      }
      expect(text.text.toString()).toBe(expected);
      expect([text.complete, text.fault]).toEqual([true, undefined]);
    }),
  );
});

it('says when a piece is missing', () => {
  const text = new FrameText('json', undefined);
  text.expect(10);
  take(text, callboardV1DeltaFrames('message.delta', ids)(0, 'abc'));
  take(text, callboardV1DeltaFrames('message.delta', ids)(5, 'fghij'));
  take(text, callboardV1DeltaFrames('message.delta', ids)(5000, 'fghij'));
  expect(text.fault).toBe('a gap before 5: only 3 had come');
});

it('gives each token of a frame a latency of its own', () => {
  const histogram = newHistogram();
  const reads = { atMs: [110, 150], units: [6, 9] };
  const emitted = Float64Array.of(100, 105, 140);
  const ends = Int32Array.of(3, 6, 9);
  recordReads(histogram, reads, emitted, ends, { fromMs: 0, untilMs: Number.POSITIVE_INFINITY });
  expect(latencyOf(histogram)).toMatchObject({ count: 3, maxMs: 10 });
  const within = newHistogram();
  recordReads(within, reads, emitted, ends, { fromMs: 102, untilMs: 140 });
  expect(latencyOf(within)).toMatchObject({ count: 1, maxMs: 5 });
});

it('takes the median, and nothing of nothing', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, Number.NaN, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([])).toBeUndefined();
});
