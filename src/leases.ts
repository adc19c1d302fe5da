/** The leases of turns, made of the turn's id and a secret of the store. So nothing has to be kept for each. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Leases } from '../actors/pushed-turns/leases.ts';

export function leasesOf(secret: string): Leases {
  const of: Leases['of'] = (turn) => createHmac('sha256', secret).update(turn).digest('base64url');
  return {
    of,
    matches: (turn, lease) => {
      const [known, given] = [Buffer.from(of(turn)), Buffer.from(lease)];
      return known.length === given.length && timingSafeEqual(known, given);
    },
  };
}
