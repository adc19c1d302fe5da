/** Sends everything that actors of a kind emit to one sink, in emission order (I1). */
import type { AnyActorLogic, AnyActorScope } from 'xstate';
import type { Emission } from '../../schema/text-piece.ts';

/**
 * Returns `logic` whose actors pass their emissions to `sink`, before any listener added with `on`. Wrapping the
 * logic, instead of listening to each started actor, also catches emissions of initial transitions.
 *
 * It replaces `emit` in the actor's scope, because a listener would cost a set per actor and an array per event, and
 * so per token: 250 bytes each (docs/hot-path.md).
 *
 * `sink` must not throw: with XState, that would end the process.
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
