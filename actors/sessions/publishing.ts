/** Lets every actor of a kind be heard: what it emits goes to one sink, in emission order (I1). */
import type { AnyActorLogic, AnyActorScope } from 'xstate';
import type { Emission } from '../../schema/text-piece.ts';

/**
 * `logic` whose actors tell `sink` what they emit, before anybody who listens with `on`. Wrapping the logic, instead
 * of listening on each actor after it was started, is what catches emissions of initial transitions.
 *
 * It takes the place of `emit` in the actor's scope, because a listener costs a set of its own for every actor and,
 * for every event, so for every token, an array of the listeners: 250 bytes each (docs/hot-path.md).
 *
 * `sink` must not throw: XState would take the process down with it.
 */
export function publishing<Logic extends AnyActorLogic>(
  logic: Logic,
  sink: (emission: Emission) => void,
): Logic {
  const wrapped: Logic = Object.create(logic);
  wrapped.getInitialSnapshot = (scope: AnyActorScope, input: unknown) => {
    const { emit } = scope;
    scope.emit = (emission) => {
      sink(emission);
      emit(emission);
    };
    return logic.getInitialSnapshot(scope, input);
  };
  return wrapped;
}
