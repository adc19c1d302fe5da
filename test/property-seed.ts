/**
 * One seed for every property, so that a run can be repeated: CI uses a fixed one; elsewhere each run draws its own.
 * `FC_SEED=123 npm test` repeats a run; a failure prints its seed and path.
 */
import fc from 'fast-check';
import { isCi } from './effort.ts';

const given = process.env['FC_SEED'];

if (given !== undefined) fc.configureGlobal({ seed: Number(given) });
else if (isCi) fc.configureGlobal({ seed: 20_261_123 });
