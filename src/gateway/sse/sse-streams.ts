/** `GET /events`: what a `callboard.v1` socket is sent, as Server-Sent Events ([V1E1]–[V1E6]). */
import type { Log, ReadModel } from '../../../actors/ports.ts';
import { wireNamespaces } from '../../../schema/event-catalogue.ts';
import { limits } from '../../../schema/limits.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { CursorJudgement } from '../stream/cursor-judgement.ts';
import { firstSubscription } from '../stream/first-subscription.ts';
import { helloFrame, missingSession } from '../stream/stream-admission.ts';
import type { StreamConnection } from '../stream/stream-connection.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import type { Selection } from '../stream/subscriptions.ts';
import { SseSink } from './sse-sink.ts';
import { retryText } from './sse-text.ts';

export type SseStreamsOptions = {
  readonly hub: StreamHub;
  readonly readModel: Pick<ReadModel, 'session'>;
  /** As many connections as there may be are open. */
  readonly full: () => boolean;
  readonly closing: () => boolean;
  readonly log: Log;
};

export type SseStreams = {
  readonly count: () => number;
  /** Answers the exchange with a stream or a refusal. Rejects with `JournalUnavailable`. */
  readonly open: (exchange: HttpExchange) => Promise<void>;
  /** Ends every stream, in batches, a tick apart; their readers reconnect. */
  readonly closeAll: (close: CloseCode) => Promise<void>;
};

type Request =
  | { readonly ok: true; readonly selection: Selection; readonly since: string | undefined }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors?: readonly ValidationError[] };

const head = {
  status: 200,
  headers: [
    ['Content-Type', 'text/event-stream; charset=utf-8'],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    // Proxies that know it pass each event on at once.
    ['X-Accel-Buffering', 'no'],
  ],
} as const;

/** From the query and `Last-Event-ID`, which a reader that comes back by itself sends, and which is newer. */
function requestOf(exchange: HttpExchange): Request {
  const query = new URLSearchParams(exchange.query);
  const lastEventId = exchange.header('last-event-id');
  if (lastEventId !== '') query.set('since', lastEventId);
  const first = firstSubscription(undefined, query);
  if (!first.ok) return first;
  const { selection = { namespaces: wireNamespaces }, since } = first.value ?? {};
  return { ok: true, selection, since };
}

export function createSseStreams(options: SseStreamsOptions): SseStreams {
  const { hub } = options;
  const open = new Set<StreamConnection>();
  let opened = 0;

  async function answer(exchange: HttpExchange): Promise<void> {
    const request = requestOf(exchange);
    if (!request.ok) return exchange.refuse(request.refusal, { errors: request.errors });
    const { selection, since } = request;
    const missing = await missingSession(selection, since, options);
    if (missing !== undefined) return exchange.refuse(missing);
    const judged = since === undefined ? undefined : await hub.judge(since);
    if (exchange.method === 'HEAD') return exchange.answer(head);
    // Both may have changed meanwhile.
    if (options.closing()) return exchange.refuse(refusal('shutting_down', 'Server is shutting down'));
    if (options.full()) return exchange.refuse(refusal('overloaded', 'Too many open connections'));
    begin(exchange, selection, judged);
  }

  function begin(exchange: HttpExchange, selection: Selection, judged: CursorJudgement | undefined): void {
    let connection: StreamConnection | undefined;
    let sink: SseSink | undefined;
    const closed = () => {
      if (connection !== undefined) open.delete(connection);
    };
    const res = exchange.stream(head, () => {
      closed();
      sink?.gone();
      connection?.gone();
    });
    if (res === undefined) return;
    /** An exception that reaches uWebSockets.js ends the process: a bug here must only cost its own stream. */
    const drained = () => {
      try {
        connection?.drained();
      } catch (error) {
        options.log.error('an event stream could not go on', { error: String(error) });
        connection?.end(closeCodes.internal);
      }
    };
    sink = new SseSink(res, hub.eventLog.epoch, { drained, closed });
    connection = hub.open(sink, 'v1');
    open.add(connection);
    sink.write(retryText(nextRetryMs()));
    // With a cursor of the client's own it keeps that one until an event, or `resync`, moves it.
    sink.send(helloFrame(hub, judged?.ok === true), judged === undefined ? hub.seq() : undefined);
    if (judged?.ok === false) connection.resync(judged.reason);
    connection.subscribe(selection, judged?.ok ? { since: judged.seq } : {});
  }

  /** Spread, so that those who were cut off together do not come back together. */
  function nextRetryMs(): number {
    const { eventStreamRetryMsMin: min, eventStreamRetryMsMax: max } = limits;
    return min + ((opened++ * 137) % (max - min));
  }

  return {
    count: () => open.size,
    open: answer,
    async closeAll(close) {
      // What waits to be published is published first.
      hub.seq();
      while (open.size > 0) {
        for (const connection of [...open].slice(0, limits.closeBatchSockets)) connection.end(close);
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
      }
    },
  };
}
