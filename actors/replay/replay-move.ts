/** What a replay does so that the actors of its sandbox say the next event. */
import type { ReplayInput } from './replay-sandbox.ts';

export type ReplayMove =
  | { readonly kind: 'inputs'; readonly inputs: readonly ReplayInput[]; readonly note: string | null }
  /** The process ended before; at its next start the rows were closed by this many events. */
  | { readonly kind: 'closed'; readonly count: number }
  /** The process ended before, and the session woke from its rows. */
  | { readonly kind: 'woken' };
