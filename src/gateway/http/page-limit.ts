/** The `limit` parameter of lists (SPEC [HTTP12]). */
import { limits } from '../../../schema/limits.ts';
import { wholeNumber } from './whole-number.ts';

export const pageLimit = wholeNumber({ min: 1, max: limits.listRowsMax }).default(limits.listRowsMax);
