/**
 * Stops the actors below a failed one. XState stops the children of an actor that ends, but leaves the children of
 * one that threw running: its engine would go on streaming, and its turn would end a second time.
 */
import type { AnyActorRef } from 'xstate';
import { childrenOf } from '../watch/actor-tree.ts';

/** Stops every actor below `actor`, at any depth, without an event; engines and tools are aborted. */
export function stopOrphans(actor: AnyActorRef): void {
  for (const child of childrenOf(actor)) {
    // Sends what `stop()` would send: `stop()` refuses actors that have a parent, even a dead one.
    child.send({ type: 'xstate.stop' });
    // A living child stops its own children; a dead child, like its parent, does not.
    stopOrphans(child);
  }
}
