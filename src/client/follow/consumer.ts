/** One who wants events: what it gets, and how far it is. */
import type { WireNamespace } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { Resync } from '../../../schema/wire/callboard-v1-frame.ts';
import type { CallboardError } from '../client-error.ts';
import { type EventFrame, namespaceOf, sessionOf, type TextFrame } from '../event-frame.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import type { Want } from './subscription-plan.ts';

export type ConsumerEvents = {
  /** Durable events each once, in order; snapshots and deltas as they come. */
  readonly frame: (frame: EventFrame | TextFrame) => void;
  /** Events are missing: what is built on them must be read anew. */
  readonly resync: (resync: Resync) => void;
  /** On each connection, when the server has confirmed what it wants. */
  readonly subscribed: () => void;
  /** The server will not send what it wants. Final. */
  readonly refused: (error: CallboardError) => void;
};

type Stand = {
  /** It has everything up to here: a connection can resume from it. `undefined`: it has not begun. */
  cursor: number | undefined;
  /** The greatest `seq` given to it. */
  delivered: number;
  /** The same, since it was last subscribed to. */
  deliveredHere: number;
};

export class Consumer implements Want {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId: SessionId | undefined;
  /** Must it be told what is in flight when it begins? */
  readonly snapshots: boolean;
  readonly events: ConsumerEvents;
  readonly #report: ReportViolation;
  readonly #stands: ReadonlyMap<WireNamespace, Stand>;
  #confirmed = false;
  /** Answers that are awaited on this connection. */
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

  /** A new connection. */
  connected(): void {
    this.awaited.clear();
    this.restarted();
  }

  /** It is subscribed to anew: what is sent is in order again, from wherever that begins. */
  restarted(): void {
    for (const stand of this.#stands.values()) stand.deliveredHere = -1;
  }

  /**
   * It begins after this `seq`, unless it has begun before: what is older is not for it, though others may get it.
   * Without snapshots to wait for, it begins when it is confirmed, with all its namespaces at once.
   */
  begin(namespaces: readonly WireNamespace[], seq: number): void {
    if (!this.snapshots && !this.#confirmed) return;
    for (const namespace of namespaces) {
      const stand = this.#stands.get(namespace);
      if (stand !== undefined && stand.cursor === undefined) moveTo(stand, seq);
    }
  }

  /** The server has confirmed all that it wants; the last of the answers says `seq`. */
  confirmed(seq: number): void {
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.begin(this.namespaces, seq);
    }
    this.events.subscribed();
  }

  /** The server has sent everything up to here ([V1A7]). */
  reached(seq: number): void {
    if (this.awaited.size > 0) return;
    for (const stand of this.#stands.values()) {
      if (stand.cursor !== undefined) stand.cursor = Math.max(stand.cursor, seq);
    }
  }

  /** What lies before is lost, or belongs to another store; it goes on from here ([V1A4]). */
  resync(resync: Resync): void {
    for (const stand of this.#stands.values()) {
      stand.cursor = resync.seq;
      stand.delivered = resync.seq;
      stand.deliveredHere = resync.seq;
    }
    this.events.resync(resync);
  }

  /** Gives it the frame if it is for it and new. */
  offer(frame: EventFrame | TextFrame): void {
    if (this.sessionId !== undefined && sessionOf(frame) !== this.sessionId) return;
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
    // Others may have asked for more of the past.
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
