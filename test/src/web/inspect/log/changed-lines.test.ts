/** Goal: what changed between two texts can be trusted. Method: properties against the texts themselves. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changedLines } from '../../../../../src/web/inspect/log/changed-lines.ts';

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '{', '}'), { minLength: 1, maxLength: 30 })
  .map((lines) => lines.join('\n'));

it('[VIS9] of two contexts has every line of both, in order, and nothing else', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = changedLines(before, after);
      const of = (...changes: string[]) =>
        lines.flatMap(({ change, text: line }) => (changes.includes(change) ? [line] : [])).join('\n');
      expect(of('same', 'removed')).toBe(before);
      expect(of('same', 'added')).toBe(after);
      if (before === after) expect(lines.every(({ change }) => change === 'same')).toBe(true);
    }),
  );
});

it('[VIS9] finds one changed line, however long the texts are', () => {
  const long = (changed: string) =>
    [...Array(5000).keys()].map((line) => (line === 2500 ? changed : `${line}`));
  expect(
    changedLines(long('old').join('\n'), long('new').join('\n')).filter(({ change }) => change !== 'same'),
  ).toEqual([
    { change: 'removed', text: 'old' },
    { change: 'added', text: 'new' },
  ]);
});
