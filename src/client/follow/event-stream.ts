/** Events as an async iterator. */

import type { SessionId } from '../../../schema/ids.ts';
import type { ResyncReason } from '../../../schema/wire/callboard-v1-frame.ts';
import { baselineNamespaces, type WireNamespace } from '../../../schema/wire-event-table.ts';
import type { CallboardError } from '../client-error.ts';
import type { ReportViolation } from '../protocol-violation.ts';
import { type EventFrame, isEventFrame } from '../server-frame.ts';
import { Consumer } from './consumer.ts';
import { EventQueue } from './event-queue.ts';
import type { SharedSubscriptions } from './shared-subscriptions.ts';

export type EventsOptions = {
  /** Default: all. */
  readonly namespaces?: readonly WireNamespace[];
  /** Only events of this session. Default: of all. */
  readonly sessionId?: string;
};

/**
 * An item of an event stream: an event, or a `resync` where some are missing. After a `resync`, whatever was built
 * from events must be read again over REST. `reason: 'overrun'` also means that this reader was too slow and its
 * waiting events were dropped.
 */
export type ClientEvent =
  | EventFrame
  | {
      readonly event: 'resync';
      readonly data: { readonly reason: ResyncReason | 'overrun'; readonly seq: number };
    };

export type EventStream = AsyncIterableIterator<ClientEvent, void, void> & {
  /** Resolves when the server has confirmed the subscription: the stream yields every event from then on. */
  readonly subscribed: Promise<void>;
};

export type EventStreamPort = {
  readonly subscriptions: SharedSubscriptions;
  readonly report: ReportViolation;
  /** How many events may wait for the reader. Beyond that they are dropped, and a `resync` says so. */
  readonly eventsMax: number;
  readonly ended: (stream: EventQueue<ClientEvent>) => void;
};

export function openEventStream(
  { namespaces = baselineNamespaces, sessionId }: EventsOptions,
  port: EventStreamPort,
): { readonly stream: EventStream; readonly end: () => void } {
  let newest = 0;
  const queue: EventQueue<ClientEvent> = new EventQueue<ClientEvent>(port.eventsMax, {
    overflow: () => ({ event: 'resync', data: { reason: 'overrun', seq: newest } }),
    finished: () => {
      port.subscriptions.remove(consumer);
      port.ended(queue);
      resolve();
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Prevents an unhandled rejection where nobody awaits `subscribed`: the iterator ends as well.
  promise.catch(() => {});
  const consumer = new Consumer(
    { namespaces: [...new Set(namespaces)], sessionId: sessionId as SessionId | undefined, snapshots: false },
    {
      frame: (frame) => {
        if (!isEventFrame(frame)) return;
        newest = frame.seq ?? newest;
        queue.push(frame);
      },
      resync: (data) => queue.push({ event: 'resync', data }),
      subscribed: resolve,
      refused: (error: CallboardError) => {
        reject(error);
        queue.end();
      },
    },
    port.report,
  );
  port.subscriptions.add(consumer);
  return { stream: Object.assign(queue, { subscribed: promise }), end: () => queue.end() };
}
