/** `GET /events`: the frames of a `callboard.v1` socket as Server-Sent Events ([V1E1]–[V1E6]). */
import type { Log, ReadModel } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { MessageBounds } from '../../../schema/message-bounds.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import { baselineNamespaces } from '../../../schema/wire-event-table.ts';
import type { Authorize } from '../access/authorize.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { ClientLimits } from '../limits/client-limits.ts';
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
  readonly authorize: Authorize;
  readonly clientLimits: Pick<ClientLimits, 'socketRefusal' | 'socketOpened' | 'socketClosed'>;
  readonly messageBounds: MessageBounds;
  /** Returns true when the limit of open connections is reached. */
  readonly full: () => boolean;
  readonly closing: () => boolean;
  readonly log: Log;
};

export type SseStreams = {
  readonly count: () => number;
  /** Answers with a stream or a refusal. Rejects with `JournalUnavailable`. */
  readonly open: (exchange: HttpExchange, by: Authentication) => Promise<void>;
  /** Ends every stream, in batches, a tick apart; the clients reconnect. */
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
    // Tells proxies such as nginx to pass each event on at once.
    ['X-Accel-Buffering', 'no'],
  ],
} as const;

/**
 * Reads the query, and `Last-Event-ID`, which an `EventSource` sends when it reconnects and which is then the newer
 * cursor.
 */
function requestOf(exchange: HttpExchange): Request {
  const query = new URLSearchParams(exchange.query);
  const lastEventId = exchange.header('last-event-id');
  if (lastEventId !== '') query.set('since', lastEventId);
  const first = firstSubscription(undefined, query);
  if (!first.ok) return first;
  const { selection = { namespaces: baselineNamespaces }, since } = first.value ?? {};
  return { ok: true, selection, since };
}

export function createSseStreams(options: SseStreamsOptions): SseStreams {
  const { hub } = options;
  const open = new Set<StreamConnection>();
  let opened = 0;

  async function answer(exchange: HttpExchange, by: Authentication): Promise<void> {
    const request = requestOf(exchange);
    if (!request.ok) return exchange.refuse(request.refusal, { errors: request.errors });
    const { selection, since } = request;
    const missing = await missingSession(selection, since, by.principal, options);
    if (missing !== undefined) return exchange.refuse(missing);
    const judged = since === undefined ? undefined : await hub.judge(since);
    if (exchange.method === 'HEAD') return exchange.answer(head);
    // Checks both again: they may have changed while this waited.
    if (options.closing()) return exchange.refuse(refusal('shutting_down', 'Server is shutting down'));
    const tooMany = options.clientLimits.socketRefusal(by.principal, exchange.address);
    if (tooMany !== null) return exchange.refuse(tooMany);
    if (options.full()) return exchange.refuse(refusal('overloaded', 'Too many open connections'));
    begin(exchange, by, selection, judged);
  }

  function begin(
    exchange: HttpExchange,
    by: Authentication,
    selection: Selection,
    judged: CursorJudgement | undefined,
  ): void {
    let connection: StreamConnection | undefined;
    let sink: SseSink | undefined;
    const closed = () => {
      if (connection === undefined || !open.delete(connection)) return;
      options.clientLimits.socketClosed(by.principal, exchange.address);
    };
    const res = exchange.stream(head, () => {
      closed();
      sink?.gone();
      connection?.gone();
    });
    if (res === undefined) return;
    /** An exception that reaches uWebSockets.js ends the process: a bug here must only end its own stream. */
    const drained = () => {
      try {
        connection?.drained();
      } catch (error) {
        options.log.error('an SSE stream could not go on', { error: String(error) });
        connection?.end(closeCodes.internal);
      }
    };
    sink = new SseSink(res, hub.eventLog.epoch, { drained, closed });
    connection = hub.open(sink, 'v1', by);
    open.add(connection);
    options.clientLimits.socketOpened(by.principal, exchange.address);
    sink.write(retryText(nextRetryMs()));
    // A client that resumes keeps its own cursor until an event or a `resync` moves it.
    const hello = helloFrame(options, by.principal, judged?.ok === true);
    sink.send(hello, judged === undefined ? hub.seq() : undefined);
    if (judged?.ok === false) connection.resync(judged.reason);
    connection.subscribe(selection, judged?.ok ? { since: judged.seq } : {});
  }

  /** Spread over a range, so that clients that were cut off together do not reconnect together. */
  function nextRetryMs(): number {
    const { sseStreamRetryMsMin: min, sseStreamRetryMsMax: max } = limits;
    return min + ((opened++ * 137) % (max - min));
  }

  return {
    count: () => open.size,
    open: answer,
    async closeAll(close) {
      // Publishes what waits to be published first.
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
