/**
 * I1. Emissions of one session are numbered as they leave the actors. The numbers must only grow in the journal, at
 * the publisher, and at every reader: durable events are identified by their `seq`, pieces of text by their offset.
 */
import { laneOf } from '../../../actors/outbox/lane-key.ts';
import { eventCatalogue } from '../../../schema/event-catalogue.ts';
import type { Emission } from '../../../schema/text-piece.ts';
import type { FactOf } from '../facts.ts';
import type { History, Lane } from '../history.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I1');

/** The greatest number seen so far, by what is watched. */
class Growing {
  readonly #at = new Map<string, number>();

  see(who: string, ordinal: number, what: () => string): void {
    const before = this.#at.get(who) ?? 0;
    holds(ordinal > before, () => `${what()} came to ${who} after something that was emitted later`);
    this.#at.set(who, ordinal);
  }
}

export const order: Invariant = {
  name: 'I1',
  says: 'Events of one session reach every subscriber in the order in which its actors emitted them.',
  watch: (history) => {
    const growing = new Growing();
    const waiting = new Map<Lane, Emission[]>();
    return {
      hear: (fact) => {
        switch (fact.kind) {
          case 'emitted':
            if (isPublished(fact.emission)) waitingIn(waiting, keyOf(fact.emission)).push(fact.emission);
            return;
          case 'committed':
            // Checkpoints too: a replay would use the order in which they are written.
            growing.see(
              `the journal, ${keyOf(fact.event)}`,
              history.ordinal(fact.event),
              () => `${fact.event.type} ${fact.seq}`,
            );
            return;
          case 'published':
          case 'streamed':
            publishedNext(waiting, fact.event);
            return;
          case 'rejected':
            waiting.delete(fact.lane);
            return;
          case 'died':
            waiting.clear();
            return;
          case 'received':
            received(growing, history, fact);
            return;
          default:
            return;
        }
      },
      rest: () => {
        for (const [lane, [first]] of waiting) {
          holds(first === undefined, () => `${first?.type} of ${lane} was never published`);
        }
      },
    };
  },
};

/** What a client says of its trace waits for nothing of the session. */
function keyOf(emission: Emission): Lane {
  return 'messageId' in emission ? emission.sessionId : laneOf(emission);
}

function isPublished(emission: Emission): boolean {
  if (emission.type === 'command.accepted' || emission.type === 'command.refused') return false;
  if (emission.type === 'message.delta' || emission.type === 'reasoning.delta') return true;
  const { delivery } = eventCatalogue[emission.type];
  return delivery === 'durable' || delivery === 'journal';
}

function waitingIn(waiting: Map<Lane, Emission[]>, lane: Lane): Emission[] {
  const emissions = waiting.get(lane) ?? [];
  waiting.set(lane, emissions);
  return emissions;
}

/** Nothing is skipped: the next published event is the oldest emitted one that was not published. */
function publishedNext(waiting: Map<Lane, Emission[]>, event: Emission): void {
  const next = waitingIn(waiting, keyOf(event)).shift();
  holds(next === event, () => `${event.type} was published when ${next?.type ?? 'nothing'} was due`);
}

function received(growing: Growing, history: History, { reader, frame }: FactOf<'received'>): void {
  // Several subscriptions may bring older events of the same session; I3 checks those.
  if (reader.kind !== 'v1') return;
  const emission = emissionOf(history, frame);
  if (emission === undefined) return;
  const lane = keyOf(emission);
  if (lane === null) return;
  const who = `${reader.name}, connection ${reader.connection}, ${lane}`;
  growing.see(who, history.ordinal(emission), () => frame.event);
}

function emissionOf(history: History, frame: FactOf<'received'>['frame']): Emission | undefined {
  if (frame.seq !== undefined) return history.wireAt(frame.seq)?.event;
  const isReasoning = frame.event === 'message.reasoning.delta';
  // An acknowledgement may have no data.
  if (!isReasoning && frame.event !== 'message.delta') return undefined;
  const { offset, text } = frame.data;
  if (text === '') return undefined;
  return history.piece(isReasoning ? 'reasoning.delta' : 'message.delta', frame.data, Number(offset));
}
