/** A consumer of events: what it wants, what it was given, and up to where. */

import type { SessionId } from '../../../schema/ids.ts';
import type { Resync } from '../../../schema/wire/callboard-v1-frame.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import type { CallboardError } from '../client-error.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import { type EventFrame, namespaceOf, sessionIdOf, type TextFrame } from '../server-frame.ts';
import type { Want } from './subscription-plan.ts';

export type ConsumerEvents = {
  /** Called with each durable event once, in order, and with snapshots and deltas as they come. */
  readonly frame: (frame: EventFrame | TextFrame) => void;
  /** Called when events are missing: whatever was built from events must be read again. */
  readonly resync: (resync: Resync) => void;
  /** Called on each connection, when the server has confirmed the whole subscription. */
  readonly subscribed: () => void;
  /** Called when the server refuses the subscription. Final. */
  readonly refused: (error: CallboardError) => void;
};

type Stand = {
  /** The consumer has every event up to this `seq`, so a connection can resume from it. `undefined`: not begun. */
  cursor: number | undefined;
  /** The greatest `seq` given to the consumer. */
  delivered: number;
  /** The greatest `seq` given to the consumer since it last subscribed. */
  deliveredHere: number;
};

export class Consumer implements Want {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId: SessionId | undefined;
  /** Whether it needs snapshots of growing texts when it begins. */
  readonly snapshots: boolean;
  readonly events: ConsumerEvents;
  readonly #report: ReportViolation;
  readonly #stands: ReadonlyMap<WireNamespace, Stand>;
  #confirmed = false;
  /** Ids of the `subscribe` frames whose answers are awaited on this connection. */
  readonly awaited = new Set<number>();

  constructor(
    want: Omit<Want, 'cursors'> & { readonly snapshots: boolean },
    events: ConsumerEvents,
    report: ReportViolation,
  ) {
    this.namespaces = want.namespaces;
    this.sessionId = want.sessionId;
    this.snapshots = want.snapshots;
    this.events = events;
    this.#report = report;
    this.#stands = new Map(
      want.namespaces.map((namespace) => [
        namespace,
        { cursor: undefined, delivered: -1, deliveredHere: -1 },
      ]),
    );
  }

  get cursors(): ReadonlyMap<WireNamespace, number> {
    return new Map(
      [...this.#stands].flatMap(([namespace, { cursor }]) =>
        cursor === undefined ? [] : [[namespace, cursor]],
      ),
    );
  }

  /** Called when a new connection is live. */
  connected(): void {
    this.awaited.clear();
    this.restarted();
  }

  /**
   * Called when the consumer is subscribed again: events arrive in order again, from wherever that subscription
   * begins.
   */
  restarted(): void {
    for (const stand of this.#stands.values()) stand.deliveredHere = -1;
  }

  /**
   * Begins after this `seq`, unless it has begun before: older events are not for this consumer, though others may
   * get them. If it needs no snapshots, it begins only once all its namespaces are confirmed.
   */
  begin(namespaces: readonly WireNamespace[], seq: number): void {
    if (!this.snapshots && !this.#confirmed) return;
    for (const namespace of namespaces) {
      const stand = this.#stands.get(namespace);
      if (stand !== undefined && stand.cursor === undefined) moveTo(stand, seq);
    }
  }

  /** Called when the server has confirmed everything it wants; the last answer carries `seq`. */
  confirmed(seq: number): void {
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.begin(this.namespaces, seq);
    }
    this.events.subscribed();
  }

  /** Called when the server has sent everything up to `seq` ([V1A7]). */
  reached(seq: number): void {
    if (this.awaited.size > 0) return;
    for (const stand of this.#stands.values()) {
      if (stand.cursor !== undefined) stand.cursor = Math.max(stand.cursor, seq);
    }
  }

  /** Called when the events before this point are lost or belong to another store; it continues from here ([V1A4]). */
  resync(resync: Resync): void {
    for (const stand of this.#stands.values()) {
      stand.cursor = resync.seq;
      stand.delivered = resync.seq;
      stand.deliveredHere = resync.seq;
    }
    this.events.resync(resync);
  }

  /** Delivers the frame if this consumer wants it and does not have it yet. */
  offer(frame: EventFrame | TextFrame): void {
    if (this.sessionId !== undefined && sessionIdOf(frame) !== this.sessionId) return;
    const stand = this.#stands.get(namespaceOf(frame));
    if (stand === undefined || (!this.snapshots && !this.#confirmed)) return;
    if (!('seq' in frame) || frame.seq === undefined) {
      this.events.frame(frame);
      return;
    }
    const { seq } = frame;
    const what = `${frame.event} with seq ${seq}`;
    if (seq <= stand.deliveredHere) {
      this.#report({ kind: 'order', message: `${what} after ${stand.deliveredHere}` });
    }
    stand.deliveredHere = Math.max(stand.deliveredHere, seq);
    // A replay for another consumer may bring events that this one has already.
    if (seq <= stand.delivered) return;
    if (stand.cursor !== undefined && seq <= stand.cursor) {
      this.#report({
        kind: 'late-event',
        message: `${what}, but everything up to ${stand.cursor} had been sent`,
      });
    }
    stand.delivered = seq;
    stand.cursor = Math.max(stand.cursor ?? seq, seq);
    this.events.frame(frame);
  }
}

function moveTo(stand: Stand, seq: number): void {
  stand.delivered = Math.max(seq, stand.delivered);
  stand.cursor = stand.delivered;
}
