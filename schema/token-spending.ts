/** Who pays for the tokens of turns, and how many a day ([LIM28]). */
import { z } from 'zod';
import { limits } from './limits.ts';
import { participantIdSchema } from './participant.ts';
import { tenantSchema } from './principal.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from './timestamp.ts';

/** The principal that had the turn begin. */
export const chargedToSchema = z.object({
  owner: participantIdSchema.nullable(),
  tenant: tenantSchema.nullable(),
});

/** What a turn has cost, and whom. */
export const spentTokensSchema = chargedToSchema.extend({ tokens: z.int().positive() });
export type SpentTokens = z.infer<typeof spentTokensSchema>;

/** A day of UTC: `2026-11-28`. */
export type Day = string;

export function dayOf(at: Milliseconds): Day {
  return isoTimestamp(at).slice(0, 10);
}

export function msToNextDay(at: Milliseconds): Milliseconds {
  return dayMs - (at % dayMs);
}

const dayMs = 24 * 60 * 60_000;

/** The first of the days that are kept when this one is the newest. */
export function firstDayKept(newest: Day): Day {
  return dayOf(millisecondsOf(newest) - (limits.tokenDaysKept - 1) * dayMs);
}
