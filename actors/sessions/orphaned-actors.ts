/**
 * The actors below one that failed. XState stops the children of an actor that ends, but leaves those of one that
 * threw running: its engine would go on streaming, and its turn would end a second time.
 */
import type { AnyActorRef } from 'xstate';
import { childrenOf } from '../watch/actor-tree.ts';

/** Stops everything below `actor`, however deep, without a word; engines and tools are aborted. */
export function stopOrphans(actor: AnyActorRef): void {
  for (const child of childrenOf(actor)) {
    // What `stop()` sends; it refuses to be called for actors that have a parent, also when that is dead.
    child.send({ type: 'xstate.stop' });
    // One that lives stops those below it; one that is dead, as its parent is, does not.
    stopOrphans(child);
  }
}
