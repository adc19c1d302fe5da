/**
 * Tells a machine of the end of a child by the kind of the child, not by its id.
 *
 * Each state of a machine remembers which transitions every type of event that it has met may take, for as long as the
 * machine exists (XState's memo of candidates). The type of a child's end has the child's id, and turns and tool calls have
 * ids of their own: so every turn was remembered for ever, 900 bytes each (docs/hot-path.md).
 */
import type { AnyActorLogic, AnyEventObject } from 'xstate';

const ends = ['xstate.done.actor.', 'xstate.error.actor.'] as const;

/** `logic`, which must know children with such ids by a pattern: `xstate.done.actor.turn.*`. */
export function withEndsByKind<Logic extends AnyActorLogic>(logic: Logic): Logic {
  const wrapped: Logic = Object.create(logic);
  wrapped.transition = (snapshot, event, scope) => logic.transition(snapshot, byKind(event), scope);
  return wrapped;
}

/** The end of `turn.12` as that of `turn.any`; other events, and ends of children whose id is their kind, as they are. */
function byKind(event: AnyEventObject): AnyEventObject {
  const end = ends.find((each) => event.type.startsWith(each));
  const kindEnds = end === undefined ? -1 : event.type.indexOf('.', end.length);
  return kindEnds < 0 ? event : { ...event, type: `${event.type.slice(0, kindEnds)}.any` };
}
