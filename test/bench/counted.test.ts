/**
 * What is counted does not depend on the machine's mood, so it is judged: instructions, bytes, events and reads of the paths
 * that cost most may not grow by more than a tenth without a changed baseline. A quick run judges only the comparison.
 */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { comparison } from '../../bench/counted/comparison.ts';
import { countedFigures } from '../../bench/counted/count.ts';
import { effort } from '../effort.ts';

it('finds what has grown by more than a tenth, and what only one of the two has', () => {
  const before = { turn: { instructions: 100, events: 15, reads: 0 }, frame: { bytes: 16 } };
  const now = { turn: { instructions: 110, events: 17, reads: 1 }, token: { bytes: 1 } };
  expect(comparison(now, before).grown).toEqual([
    'turn: events has grown from 15 to 17, by more than a tenth',
    'turn: reads has grown from 0 to 1, by more than a tenth',
    'token: bytes is only in what was counted',
    'frame: bytes is only in the baseline',
  ]);
  expect(comparison(before, before).grown).toEqual([]);
});

// Counting takes a minute and a half.
it.runIf(effort === 'full')(
  'no counted figure has grown by more than a tenth since bench/counted/baseline.json',
  { timeout: 600_000 },
  async () => {
    const baseline = await readFile(new URL('../../bench/counted/baseline.json', import.meta.url), 'utf8');
    const { grown } = comparison(
      await countedFigures(),
      z.record(z.string(), z.record(z.string(), z.number())).parse(JSON.parse(baseline)),
    );
    expect(grown).toEqual([]);
  },
);
