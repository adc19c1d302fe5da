/** The short torture; `npm run torture` is the long one. */
import { describe, expect, it } from 'vitest';
import { cases } from '../effort.ts';
import { databases } from '../processes/databases.ts';
import { torture } from './torture.ts';
import { faultless } from './verdict.ts';

const points = cases({ quick: 3, full: 24 });

describe('the server, killed anywhere', () => {
  it.each(databases)(
    '[REC2] [REC3] [REC4] loses, repeats and invents nothing on $name',
    async (database) => {
      const result = await torture({ database, points, seed: 20_261_123, parallel: 1 });
      expect(result.faults).toEqual(faultless);
      expect(result.killPoints).toBeGreaterThanOrEqual(points / 2);
      expect(result.resumes).toBeGreaterThanOrEqual(points / 2);
    },
    300_000,
  );
});
