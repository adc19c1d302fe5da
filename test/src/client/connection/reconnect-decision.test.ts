import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeCodes } from '../../../../schema/wire/close-codes.ts';
import {
  historyAfter,
  isFinalCode,
  nextTransport,
  noHistory,
  type TransportHistory,
} from '../../../../src/client/connection/reconnect-decision.ts';

describe('what follows the end of a connection', () => {
  it('[CLT2] the range of the close code says', () => {
    expect([4500, 4999].map(isFinalCode)).toEqual([true, true]);
    expect([1000, 1001, 1006, 4000, 4499, 5000, undefined].map(isFinalCode)).toEqual(Array(7).fill(false));
    for (const { code } of Object.values(closeCodes)) expect(isFinalCode(code)).toBe(code >= 4500);
  });

  /** The transports used, when each of these attempts works or not. */
  const ways = (outcomes: readonly boolean[], failuresMax: number): string[] => {
    let history: TransportHistory = noHistory;
    return outcomes.map((worked) => {
      const kind = nextTransport(history, failuresMax);
      history = historyAfter(history, kind, worked);
      return kind;
    });
  };

  it('[CLT6] falls back to SSE after so many WebSockets that came to nothing, and tries them again if it fails too', () => {
    const no = Array(9).fill(false);
    expect(ways(no, 3).join(' ')).toBe(
      'websocket websocket websocket sse websocket websocket websocket sse websocket',
    );
    expect(ways([false, false, false, true, true, false, false], 3).slice(3)).toEqual([
      'sse',
      'sse',
      'sse',
      'websocket',
    ]);
    expect(ways([true, ...no], 3)).toEqual(Array(10).fill('websocket'));
    expect(ways([true, true], 0)).toEqual(['sse', 'sse']);
  });

  it('[CLT6] never leaves WebSockets once one worked', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 5 }), (outcomes, failuresMax) => {
        const kinds = ways(outcomes, failuresMax);
        const first = kinds.findIndex((kind, index) => kind === 'websocket' && outcomes[index]);
        if (first >= 0) expect(new Set(kinds.slice(first))).toEqual(new Set(['websocket']));
      }),
    );
  });
});
