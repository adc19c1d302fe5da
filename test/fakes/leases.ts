/** Leases that tests can read: the same for the same turn. */
import type { Leases } from '../../actors/pushed-turns/leases.ts';

export const testLeases: Leases = {
  of: (turn) => `lease of ${turn}`,
  matches: (turn, lease) => lease === `lease of ${turn}`,
};
