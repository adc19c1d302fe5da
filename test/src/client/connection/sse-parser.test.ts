import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from '../../../../src/client/connection/sse-parser.ts';

const read = (...chunks: string[]) => {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

const stream =
  ': hi\n\nretry: 5\n\nid: e:1\ndata: {"a":1}\n\ndata: x\r\ndata:y\r\n\r\n: beat\nid: e:4\n\ndata\n\n';
const events = [
  { id: 'e:1', data: '{"a":1}' },
  { id: undefined, data: 'x\ny' },
  { id: 'e:4', data: undefined },
  { id: undefined, data: '' },
];

describe('the parser of SSE streams', () => {
  it('[CLT6] reads data, ids, and ids alone', () => {
    expect(read(stream)).toEqual(events);
  });

  it('[CLT6] reads the same wherever the stream is split', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), stream.length];
        expect(read(...at.map((cut, index) => stream.slice(cut, at[index + 1] ?? stream.length)))).toEqual(
          events,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
