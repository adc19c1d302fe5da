/**
 * The hot window: the newest wire events, in memory, for connections that resume or fall behind. It holds every wire
 * event after its floor; older ones are in the journal.
 */
import type { CommittedEvent } from '../../../actors/ports.ts';
import { approximateBytes } from '../../../schema/approximate-bytes.ts';
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import { eventTable, isWireNamespace } from '../../../schema/event-table.ts';
import { callboardV1DurableFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import { baselineEvents, shownData } from '../../../schema/wire/shown-event.ts';
import type { WireFormat } from '../../../schema/wire/topic.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import { failureIdOf } from './failure-id.ts';

/** A durable event with its frames, each encoded once, at its first use. */
export class SentEvent {
  readonly seq: number;
  readonly event: JournaledEvent;
  readonly namespace: WireNamespace;
  readonly #previewUnitsMax: number;
  #baseline: readonly string[] | undefined;
  #v1: string | undefined;

  constructor(event: JournaledEvent, seq: number, namespace: WireNamespace, previewUnitsMax: number) {
    this.seq = seq;
    this.event = event;
    this.namespace = namespace;
    this.#previewUnitsMax = previewUnitsMax;
  }

  /** The outside agent that the event is addressed to; `null`: any; `undefined`: it is addressed to none. */
  get addressee(): string | null | undefined {
    switch (this.event.type) {
      case 'turn.offered':
      case 'turn.claimed':
      case 'turn.withdrawn':
        return this.event.data.agent;
      default:
        return undefined;
    }
  }

  /** The event's frame in `callboard.v1`. */
  get callboardV1(): string {
    this.#v1 ??= callboardV1DurableFrame(
      { type: this.event.type, data: shownData(this.event, this.#previewUnitsMax) },
      this.seq,
    );
    return this.#v1;
  }

  /** The event's frames in that format, in order: baseline sockets may get none of an event, or several. */
  frames(format: WireFormat): readonly string[] {
    if (format !== 'baseline') return [this.callboardV1];
    this.#baseline ??= baselineEvents(this.event, {
      previewUnitsMax: this.#previewUnitsMax,
      failureIdOf,
    }).map(({ type, data }) => serverFrame(type, data));
    return this.#baseline;
  }
}

/** `undefined` for events that no client gets. */
export function sentEvent({ event, seq }: CommittedEvent, previewUnitsMax: number): SentEvent | undefined {
  const { namespace } = eventTable[event.type];
  return isWireNamespace(namespace) ? new SentEvent(event, seq, namespace, previewUnitsMax) : undefined;
}

export type HotWindowOptions = {
  /** The journal's newest `seq` when the process starts. */
  readonly floor: number;
  readonly eventsMax: number;
  /** The bound of the estimated size: each event's text is counted twice, for the event and its frame. */
  readonly bytesMax: number;
};

export class HotWindow {
  readonly #options: HotWindowOptions;
  #events: { readonly wire: SentEvent; readonly bytes: number }[] = [];
  /** Events before this index have been dropped. */
  #head = 0;
  #bytes = 0;
  #floor: number;
  #newest: number;

  constructor(options: HotWindowOptions) {
    this.#options = options;
    this.#floor = options.floor;
    this.#newest = options.floor;
  }

  /** Every wire event with a greater `seq` is in the window. */
  get floor(): number {
    return this.#floor;
  }

  /** The greatest `seq` published, of any event. */
  get newest(): number {
    return this.#newest;
  }

  /** Notes the `seq` of an event that clients do not get, so that no connection tries to catch up on it. */
  pass(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
  }

  /** `wire.seq` must be greater than every earlier one. */
  push(wire: SentEvent): void {
    const bytes = heldBytes(wire.event);
    this.#events.push({ wire, bytes });
    this.#bytes += bytes;
    this.#newest = wire.seq;
    while (
      this.#length > this.#options.eventsMax ||
      (this.#bytes > this.#options.bytesMax && this.#length > 0)
    ) {
      this.#forgetOldest();
    }
  }

  /** Events after `seq`, oldest first, at most `limit`. `seq` must not be below the floor. */
  after(seq: number, limit: number): readonly SentEvent[] {
    const start = this.#indexAfter(seq);
    return this.#events.slice(start, start + limit).map(({ wire }) => wire);
  }

  countAfter(seq: number): number {
    return this.#events.length - this.#indexAfter(seq);
  }

  get #length(): number {
    return this.#events.length - this.#head;
  }

  #forgetOldest(): void {
    const oldest = this.#events[this.#head];
    if (oldest === undefined) return;
    this.#floor = oldest.wire.seq;
    this.#bytes -= oldest.bytes;
    this.#head++;
    // Amortised: each event is moved at most once per refill of the window.
    if (this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  #indexAfter(seq: number): number {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.wire.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** An event and its frame; of a tool call also the whole that its previews are made from. */
function heldBytes(event: JournaledEvent): number {
  const data = approximateBytes(event.data);
  return 'record' in event ? 2 * (data + approximateBytes(event.record)) : 2 * data;
}
