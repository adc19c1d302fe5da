/** I2. Every published event, and every event that a client gets, was committed before, with the same content. */

import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import { limits } from '../../../schema/limits.ts';
import { shownData } from '../../../schema/wire/shown-event.ts';
import { nameOfMessage } from '../facts.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I2');

export const commitBeforePublish: Invariant = {
  name: 'I2',
  says: 'No durable event is seen by any client before its transaction commits.',
  watch: (history) => {
    /** Messages whose creation is committed. */
    const begun = new Set<string>();
    return {
      hear: (fact) => {
        switch (fact.kind) {
          case 'committed':
            if (fact.event.type === 'message.created') {
              begun.add(nameOfMessage(fact.event.sessionId, fact.event.data.id));
            }
            return;
          case 'published': {
            const { event, seq } = fact;
            holds(history.seqOf(event) === seq, () => `${event.type} ${seq} was published before its commit`);
            return;
          }
          case 'streamed':
            holds(
              fact.event.type !== 'message.delta' ||
                begun.has(nameOfMessage(fact.event.sessionId, fact.event.messageId)),
              () => 'text was published before its message.created was committed',
            );
            return;
          case 'received': {
            const { seq, event, data } = fact.frame;
            if (seq === undefined) return;
            const committed = history.wireAt(seq)?.event;
            const isSame = committed !== undefined && event === committed.type && isShown(data, committed);
            holds(isSame, () => `${event} ${seq} came to ${fact.reader.name} and is not what was committed`);
            return;
          }
          default:
            return;
        }
      },
    };
  },
};

function isShown(data: unknown, committed: DomainEvent): boolean {
  return JSON.stringify(data) === JSON.stringify(shownData(committed, limits.previewUnitsMax));
}
