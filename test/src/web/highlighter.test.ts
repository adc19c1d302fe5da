/** The worker that colours code is ended when a text takes too long, and the next text is coloured all the same. */
import { afterEach, expect, it, vi } from 'vitest';
import { Highlighter } from '../../../src/web/markdown/highlighter.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('[WEB4] code that takes longer than 200 ms stays plain, and the next is coloured by another worker', async () => {
  vi.useFakeTimers();
  const ended: number[] = [];
  let started = 0;
  const highlighter = new Highlighter(({ answered }) => {
    const number = ++started;
    queueMicrotask(() => answered({ id: 'ready' }));
    return {
      post: ({ id, code }) => {
        if (code === 'endless') return;
        queueMicrotask(() => answered({ id, pieces: [{ text: code, kind: 'keyword' }] }));
      },
      end: () => ended.push(number),
    };
  });
  const first = highlighter.pieces('endless', 'js');
  const second = highlighter.pieces('let', 'js');
  await vi.advanceTimersByTimeAsync(199);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await first).toBeUndefined();
  expect(await second).toEqual([{ text: 'let', kind: 'keyword' }]);
  expect([started, ended]).toEqual([2, [1]]);
});

it('[WEB4] code stays plain where a worker cannot start, and no other is tried for it', async () => {
  let started = 0;
  const highlighter = new Highlighter(({ failed }) => {
    started++;
    queueMicrotask(failed);
    return { post: () => {}, end: () => {} };
  });
  expect(await highlighter.pieces('let', 'js')).toBeUndefined();
  expect(await new Highlighter(() => undefined).pieces('let', 'js')).toBeUndefined();
  expect(started).toBe(1);
});
