/** Lets every actor of a kind be heard: what it emits goes to one sink, in emission order (I1). */
import type { AnyActorLogic, AnyActorScope } from 'xstate';
import type { Emission } from '../schema/stream-event.ts';

/**
 * `logic` that attaches `sink` to each of its actors before anything can be emitted. Wrapping the logic, instead
 * of listening on each actor after it was started, is what catches emissions of initial transitions.
 *
 * `sink` must not throw: XState would take the process down with it.
 */
export function publishing<Logic extends AnyActorLogic>(
  logic: Logic,
  sink: (emission: Emission) => void,
): Logic {
  const wrapped: Logic = Object.create(logic);
  wrapped.getInitialSnapshot = (scope: AnyActorScope, input: unknown) => {
    scope.self.on('*', sink);
    return logic.getInitialSnapshot(scope, input);
  };
  return wrapped;
}
