/** Who takes part in a session. */
import type { Participant } from '../../../schema/participant.ts';
import type { EventFrame } from '../server-frame.ts';

/** In the order in which they were added, after an event. An event older than the list changes nothing. */
export function participantsAfter(list: readonly Participant[], event: EventFrame): readonly Participant[] {
  switch (event.event) {
    case 'participant.added':
    case 'participant.updated': {
      const at = list.findIndex(({ id }) => id === event.data.id);
      const known = list[at];
      if (known === undefined) return event.event === 'participant.added' ? [...list, event.data] : list;
      return known.updatedAt >= event.data.updatedAt ? list : list.with(at, event.data);
    }
    case 'participant.removed':
      return list.some(({ id }) => id === event.data.id)
        ? list.filter(({ id }) => id !== event.data.id)
        : list;
    default:
      return list;
  }
}
