/**
 * I3. For every reader it is known which event is due next. Readers with one subscription get exactly that one, or
 * `resync`; readers with several get each event that any subscription owes them, once.
 */

import { eventCatalogue } from '../../../schema/event-catalogue.ts';
import { limits } from '../../../schema/limits.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import { baselineEvents } from '../../../schema/wire/shown-event.ts';
import { failureIdOf } from '../../../src/gateway/stream/failure-id.ts';
import type { Selection } from '../../../src/gateway/stream/subscriptions.ts';
import type { FactOf } from '../facts.ts';
import { type History, matches, type WireFact } from '../history.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import { isSameSelection, type Reader } from '../reader.ts';

const holds: Holds = holdsOf('I3');

export const noSilentGap: Invariant = {
  name: 'I3',
  says: 'A connection that stays, or resumes, sees each durable event exactly once, or is told `resync`.',
  watch: (history, truth) => {
    const singles = new Map<Reader, OneSubscription>();
    const several = new Map<Reader, SeveralSubscriptions>();
    return {
      hear: (fact) => {
        if (fact.kind === 'connected') {
          const { reader, at } = fact;
          if (reader.kind === 'live') several.set(reader, new SeveralSubscriptions(history, reader));
          else {
            const single = singles.get(reader) ?? new OneSubscription(history, reader);
            singles.set(reader, single);
            single.begin(at);
          }
        }
        if (fact.kind !== 'received') return;
        singles.get(fact.reader)?.take(fact);
        several.get(fact.reader)?.take(fact);
      },
      rest: () => {
        for (const reader of truth.readers) {
          const missing = singles.get(reader)?.missing() ?? several.get(reader)?.missing();
          holds(
            missing === undefined,
            () => `${reader.name} never got ${missing?.event.type} ${missing?.seq}`,
          );
        }
      },
    };
  },
};

class OneSubscription {
  readonly #history: History;
  readonly #reader: Reader;
  /** Every match up to here has arrived, or its absence was announced; `undefined`: not begun. */
  #at: number | undefined;
  /** The session does not exist, so there is no subscription, and no event is due on this connection. */
  #refused = false;
  /** The index at which the search for the next due event begins. */
  #from = 0;
  /** What a baseline reader must still get of an event of which it got a frame, and the event. */
  #rest: { readonly frames: readonly string[]; readonly of: WireFact } | undefined;
  /** What a baseline reader may get beside what is due: the activities of agents that worked when it connected. */
  #working: Set<string> = new Set();

  constructor(history: History, reader: Reader) {
    this.#history = history;
    this.#reader = reader;
  }

  begin(at: number): void {
    if (this.#reader.kind !== 'baseline') return;
    this.#startAt(at);
    this.#working = new Set(workingAt(this.#history, this.#reader, at));
  }

  take({ frame, text }: FactOf<'received'>): void {
    const { event, data, seq, snapshot } = frame;
    switch (event) {
      case 'hello':
        this.#refused = false;
        if (data['resumed'] === true) holds(this.#at !== undefined, () => 'what had no cursor was resumed');
        else if (this.#at === undefined) this.#startAt(Number(data['seq']));
        return;
      case 'resync':
        this.#startAt(Number(data['seq']));
        return;
      case 'heartbeat': {
        const due = this.missing();
        const isDue = due !== undefined && due.seq <= Number(data['seq']);
        holds(!isDue, () => `a heartbeat hid ${due?.event.type} ${due?.seq} from ${this.#reader.name}`);
        // The client takes it as its cursor.
        if (this.#refused) this.#startAt(Number(data['seq']));
        return;
      }
      case 'exception':
        // The refusal of the path's subscription; that of a command has the id of its frame.
        this.#refused ||= data['code'] === 'not_found' && data['id'] === undefined;
        return;
      default:
        if (snapshot || event === 'ack' || isText(event) || isVolatile(event)) return;
        this.#durable(seq, event, text);
        return;
    }
  }

  /** At rest, an event that is still due is missing. */
  missing(): WireFact | undefined {
    return this.#at === undefined || this.#refused ? undefined : (this.#rest?.of ?? this.#due());
  }

  #startAt(seq: number): void {
    this.#at = seq;
    this.#from = 0;
    this.#rest = undefined;
  }

  #due(): WireFact | undefined {
    let next = this.#history.next(this.#reader.selection, this.#at ?? 0, this.#from);
    // Baseline readers do not get every event, and nobody those of sessions that it may not see.
    while (
      next !== undefined &&
      ((this.#reader.kind === 'baseline' && baselineFrames(next.found).length === 0) ||
        !this.#history.isAlwaysSeen(this.#reader, next.found.event.sessionId))
    ) {
      next = this.#history.next(this.#reader.selection, this.#at ?? 0, next.index + 1);
    }
    if (next !== undefined) this.#from = next.index;
    return next?.found;
  }

  #durable(seq: number | undefined, event: string, text: string): void {
    // Whether that was to come depends on who took part, and when (I13).
    if (this.#history.isOfOthers(this.#reader, text)) return;
    const due = this.#rest?.of ?? this.#due();
    const isBaseline = this.#reader.kind === 'baseline';
    if (isBaseline && this.#working.delete(text)) return;
    const [frame, ...frames] =
      this.#rest?.frames ?? (isBaseline && due !== undefined ? baselineFrames(due) : []);
    const isDue = due !== undefined && (isBaseline ? text === frame : seq === due.seq);
    holds(isDue, () => {
      const expected = due === undefined ? 'nothing' : `${due.event.type} ${due.seq}`;
      return `${this.#reader.name} got ${event} ${seq ?? ''} when ${expected} was due`;
    });
    this.#at = due.seq;
    this.#rest = frames.length === 0 ? undefined : { frames, of: due };
  }
}

type Owed = { readonly selection: Selection; readonly from: number };

class SeveralSubscriptions {
  readonly #history: History;
  readonly #reader: Reader;
  #owed: Owed[] = [];
  /** With the subscriptions that owed each event when it arrived. */
  readonly #received = new Map<number, readonly Owed[]>();

  constructor(history: History, reader: Reader) {
    this.#history = history;
    this.#reader = reader;
  }

  take({ frame }: FactOf<'received'>): void {
    const { event, data, seq, id } = frame;
    // An unsubscribed selection owes no event any more, though some may still arrive.
    this.#owed = this.#owed.filter(
      ({ selection }) => !this.#reader.unsubscribed.some((one) => isSameSelection(one, selection)),
    );
    if (event === 'ack') {
      const asked = this.#reader.asked.get(Number(id));
      if (asked === undefined) return;
      const from = data['resumed'] === true ? (asked.since ?? 0) : Number(data['seq']);
      this.#owed.push({ selection: asked.selection, from });
    } else if (event === 'resync') {
      // A `resync` names no subscription: from here on, each owes only later events.
      this.#owed = this.#owed.map(({ selection }) => ({ selection, from: Number(data['seq']) }));
    } else if (seq !== undefined) {
      this.#durable(event, seq);
    }
  }

  missing(): WireFact | undefined {
    return this.#history.wire.find(
      (wire) =>
        !this.#received.has(wire.seq) &&
        this.#history.isAlwaysSeen(this.#reader, wire.event.sessionId) &&
        this.#owed.some((one) => isOwed(one, wire)),
    );
  }

  #durable(event: string, seq: number): void {
    const wire = this.#history.wireAt(seq);
    holds(wire !== undefined, () => `${this.#reader.name} got ${event} ${seq}, which was never committed`);
    const due = [...this.#owed.map(({ selection }) => selection), ...this.#reader.unsubscribed];
    holds(
      due.some((selection) => matches(selection, wire)),
      () => `${this.#reader.name} got ${event} ${seq}, for which it had not asked`,
    );
    // Who may not see a session for a while loses its subscription to it, and may ask again for what it had.
    if (!this.#history.isAlwaysSeen(this.#reader, wire.event.sessionId)) return;
    // An event that arrived for a subscription that has ended may be requested again.
    const before = this.#received.get(seq)?.find((one) => this.#owed.includes(one));
    holds(before === undefined, () => `${this.#reader.name} got ${event} ${seq} twice`);
    this.#received.set(
      seq,
      this.#owed.filter((one) => isOwed(one, wire)),
    );
  }
}

function isOwed({ selection, from }: Owed, wire: WireFact): boolean {
  return wire.seq > from && matches(selection, wire);
}

/** [WS3]: the newest activity of each agent that is not idle, as frames. */
function workingAt(history: History, reader: Reader, at: number): readonly string[] {
  const newest = new Map<string, WireFact>();
  for (const wire of history.wire) {
    const { event, seq } = wire;
    if (event.type !== 'agent.activity' || seq > at || !matches(reader.selection, wire)) continue;
    if (!history.isAlwaysSeen(reader, wire.event.sessionId)) continue;
    newest.delete(event.data.sessionId);
    if (event.data.state !== 'idle') newest.set(event.data.sessionId, wire);
  }
  return [...newest.values()].flatMap(baselineFrames);
}

function baselineFrames({ event }: WireFact): readonly string[] {
  const form = { previewUnitsMax: limits.previewUnitsMax, failureIdOf };
  return baselineEvents(event, form).map(({ type, data }) => serverFrame(type, data));
}

function isText(event: string): boolean {
  return /^message\.(delta|partial|reasoning\.delta|reasoning\.partial)$/.test(event);
}

/** Sent to connected readers and missed by others: it is owed to none. */
function isVolatile(event: string): boolean {
  return (
    event in eventCatalogue && eventCatalogue[event as keyof typeof eventCatalogue].delivery === 'volatile'
  );
}
