/** The leases of turns that agents push from outside: a secret text for each, the same after a restart. */
import type { TurnId } from '../../schema/ids.ts';

export type Leases = {
  readonly of: (turn: TurnId) => string;
  /** Takes as long whatever is wrong. */
  readonly matches: (turn: TurnId, lease: string) => boolean;
};
