/**
 * Keeps a value up to date: reads it over REST, applies events to it, and reads it again when events are missing. It
 * suits values that REST returns whole; the growing text of a session needs `session-view.ts`.
 */

import type { SessionId } from '../../../schema/ids.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import { CallboardError } from '../client-error.ts';
import type { Timers } from '../connection/transport.ts';
import { LiveCell, type LiveValue } from '../live-value.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import { type EventFrame, isEventFrame, type TextFrame } from '../server-frame.ts';
import { Consumer } from './consumer.ts';
import type { SharedSubscriptions } from './shared-subscriptions.ts';

/** `value` is `undefined` until it has been read. `error` means that it can never be read. */
export type Followed<Value> = {
  readonly value: Value | undefined;
  readonly error: CallboardError | undefined;
};

/** Closing the last handle of a value stops following it. */
export type FollowedHandle<Value> = {
  readonly state: LiveValue<Followed<Value>>;
  readonly close: () => void;
};

/** What is read, and which events change it. */
export type Following<Value> = {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId?: SessionId;
  readonly read: (signal: AbortSignal) => Promise<Value>;
  /**
   * Returns the value after an event. An event that is older than the value must change nothing. `undefined`: the
   * thing that is followed no longer exists.
   */
  readonly apply: (value: Value, event: EventFrame) => Value | undefined;
  /** Whether the event changes the value in a way that only REST tells; the value is then read again. */
  readonly isUntold?: (event: EventFrame) => boolean;
  /** For what only snapshots tell to who comes late: the event that a snapshot stands for. */
  readonly eventOf?: (snapshot: TextFrame) => EventFrame | undefined;
};

export type FollowPort = {
  readonly subscriptions: SharedSubscriptions;
  readonly timers: Timers;
  readonly random: () => number;
  readonly backoff: Backoff;
  readonly report: ReportViolation;
};

/** How many events may wait for the REST answer. Beyond that the value is read again. */
const eventsMax = 5000;

export class FollowedValue<Value> {
  readonly #following: Following<Value>;
  readonly #port: FollowPort;
  readonly #consumer: Consumer;
  readonly #shown = new LiveCell<Followed<Value>>({ value: undefined, error: undefined });
  /** Events that arrived while the value is being read; `undefined` while it is up to date. */
  #events: EventFrame[] | undefined = [];
  #reading: AbortController | undefined;
  #readsFailed = 0;
  #cancelWait = () => {};

  constructor(following: Following<Value>, port: FollowPort) {
    this.#following = following;
    this.#port = port;
    const { namespaces, sessionId } = following;
    this.#consumer = new Consumer(
      { namespaces, sessionId, snapshots: following.eventOf !== undefined },
      {
        frame: (frame) => this.#received(frame),
        resync: () => this.#readAgain(),
        subscribed: () => {
          // Snapshots come before the confirmation.
          if (this.#events !== undefined && this.#reading === undefined) this.#read(this.#events);
        },
        refused: (error) => this.#end(error),
      },
      port.report,
    );
    port.subscriptions.add(this.#consumer);
  }

  get shown(): LiveCell<Followed<Value>> {
    return this.#shown;
  }

  close(): void {
    this.#stop();
    this.#port.subscriptions.remove(this.#consumer);
    this.#shown.end();
  }

  #received(frame: EventFrame | TextFrame): void {
    const event = isEventFrame(frame) ? frame : this.#following.eventOf?.(frame);
    if (event === undefined) return;
    if (this.#following.isUntold?.(event) === true) {
      this.#readAgain();
      return;
    }
    const { value } = this.#shown.value;
    if (this.#events !== undefined || value === undefined) {
      this.#events?.push(event);
      if ((this.#events?.length ?? 0) > eventsMax) this.#read();
      return;
    }
    this.#show(this.#following.apply(value, event));
  }

  /** Reads once the subscription is confirmed; until then `subscribed` will follow and read. */
  #readAgain(): void {
    if (this.#consumer.awaited.size === 0) this.#read();
    else this.#beginAnew();
  }

  #beginAnew(events: EventFrame[] = []): void {
    this.#stop();
    this.#events = events;
  }

  /** `events`: those that what is read may lack. */
  #read(events: EventFrame[] = []): void {
    this.#beginAnew(events);
    const reading = new AbortController();
    this.#reading = reading;
    this.#following.read(reading.signal).then(
      (value) => {
        if (this.#reading === reading) this.#wasRead(value);
      },
      (error: unknown) => {
        if (this.#reading === reading) this.#wasNotRead(error);
      },
    );
  }

  #wasRead(read: Value): void {
    this.#reading = undefined;
    this.#readsFailed = 0;
    let value: Value | undefined = read;
    for (const event of this.#events ?? []) {
      if (value !== undefined) value = this.#following.apply(value, event);
    }
    this.#events = undefined;
    this.#show(value);
  }

  #wasNotRead(error: unknown): void {
    this.#reading = undefined;
    if (error instanceof CallboardError && error.retryable) {
      const wait = backoffMs(
        this.#readsFailed++,
        this.#port.random(),
        this.#port.backoff,
        error.retryAfterMs,
      );
      this.#cancelWait = this.#port.timers.after(wait, () => this.#read());
      return;
    }
    this.#end(error instanceof CallboardError ? error : new CallboardError('internal', String(error)));
  }

  #show(value: Value | undefined): void {
    if (value === undefined) {
      this.#end(new CallboardError('not_found', 'What was followed is gone'));
    } else if (value !== this.#shown.value.value) {
      this.#shown.set({ value, error: undefined });
    }
  }

  #end(error: CallboardError): void {
    this.#stop();
    this.#port.subscriptions.remove(this.#consumer);
    this.#shown.set({ value: this.#shown.value.value, error });
  }

  #stop(): void {
    this.#cancelWait();
    this.#reading?.abort();
    this.#reading = undefined;
  }
}
