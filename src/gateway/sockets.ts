/**
 * The WebSockets of the six namespaces (protocol A1). A socket is subscribed to the topic of its namespace and
 * gets whatever is published there; nothing is sent on connect.
 */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { CommandDoor } from '../../actors/command-door.ts';
import type { Log } from '../../actors/ports.ts';
import type { closeCodes } from '../../schema/close-codes.ts';
import { type WireNamespace, wireNamespaces } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { type Refusal, refusal } from '../../schema/refusal.ts';
import { topicOf } from '../../schema/topic.ts';
import type { ApiKeyGate } from './api-key.ts';
import { type FrameSource, takeClientFrame } from './client-frame-intake.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { refusedEarly } from './rest.ts';

export type SocketOptions = {
  readonly door: CommandDoor;
  readonly gate: ApiKeyGate;
  readonly log: Log;
  readonly timestamp: () => string;
  readonly closing: () => boolean;
  readonly began: () => () => void;
  /** 0: sockets may be silent for ever. */
  readonly idleTimeoutSeconds: number;
  /** At most `limits.connectionsMax`. */
  readonly connectionsMax: number;
};

export type Sockets = {
  readonly count: () => number;
  /** Closes in batches, a tick apart, so that ten thousand clients do not come back in the same millisecond. */
  readonly closeAll: (close: (typeof closeCodes)[keyof typeof closeCodes]) => Promise<void>;
};

/** What a socket carries; `source` is filled in when it opens. */
type SocketData = { readonly namespace: WireNamespace; source?: FrameSource };

function nextTick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Throws a RangeError for a timeout with which uWebSockets.js would abort the process. */
export function checkIdleTimeout(seconds: number): void {
  const { idleTimeoutSecondsMin: min, idleTimeoutSecondsMax: max } = limits;
  if (seconds === 0 || (Number.isInteger(seconds) && seconds >= min && seconds <= max)) return;
  throw new RangeError(`the idle timeout must be 0 or ${min} to ${max} whole seconds, not ${seconds}`);
}

/** Registers the paths of the namespaces, with and without a trailing slash (protocol B7). */
export function attachSockets(app: TemplatedApp, options: SocketOptions): Sockets {
  const open = new Set<WebSocket<SocketData>>();

  function refusedUpgrade(exchange: Exchange): Refusal | undefined {
    const early = refusedEarly(exchange, options.closing());
    if (early !== undefined) return early;
    if (exchange.header('sec-websocket-version') !== '13') {
      return refusal('bad_request', 'The WebSocket version must be 13');
    }
    const key = options.gate(exchange);
    if (!key.ok) return key.refusal;
    if (open.size >= options.connectionsMax) {
      return refusal('overloaded', 'Too many open sockets');
    }
    return undefined;
  }

  function upgrade(
    namespace: WireNamespace,
    res: HttpResponse,
    req: HttpRequest,
    context: us_socket_context_t,
  ): void {
    // uWebSockets.js looks at the key alone; without the rest of a handshake this is a request like any other.
    if (req.getHeader('upgrade').toLowerCase() !== 'websocket') {
      req.setYield(true);
      return;
    }
    const exchange = openExchange(res, req, { timestamp: options.timestamp, ended: options.began() });
    const reason = refusedUpgrade(exchange);
    if (reason !== undefined) {
      // With a bad request, what a good one would say (RFC 6455, 4.4).
      exchange.refuse(reason, {
        headers: reason.code === 'bad_request' ? [['Sec-WebSocket-Version', '13']] : [],
      });
      return;
    }
    // Neither a subprotocol nor an extension is accepted yet (SPEC [WS6]).
    exchange.upgrade(() => {
      const data: SocketData = { namespace };
      res.upgrade(data, exchange.header('sec-websocket-key'), '', '', context);
    });
  }

  function frameSource(ws: WebSocket<SocketData>, namespace: WireNamespace): FrameSource {
    return {
      namespace,
      waiting: 0,
      // A socket that has closed throws when it is touched.
      send: (frame) => void (open.has(ws) && ws.send(frame, false)),
    };
  }

  /** An exception that reaches uWebSockets.js ends the process: a bug here must only cost its own socket. */
  function guarded<Given extends unknown[]>(run: (...given: Given) => void): (...given: Given) => void {
    return (...given) => {
      try {
        run(...given);
      } catch (error) {
        options.log.error('a socket could not be handled', {
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    };
  }

  for (const namespace of wireNamespaces) {
    for (const path of [`/${namespace}`, `/${namespace}/`]) {
      app.ws<SocketData>(path, {
        compression: 0,
        maxPayloadLength: limits.clientFrameBytesMax,
        maxBackpressure: limits.socketBufferBytesMax,
        closeOnBackpressureLimit: true,
        idleTimeout: options.idleTimeoutSeconds,
        sendPingsAutomatically: true,
        upgrade: guarded((res, req, context) => upgrade(namespace, res, req, context)),
        open: guarded((ws) => {
          open.add(ws);
          ws.getUserData().source = frameSource(ws, namespace);
          ws.subscribe(topicOf('baseline', namespace));
        }),
        message: guarded((ws, bytes) => {
          const { source } = ws.getUserData();
          if (source !== undefined) takeClientFrame(bytes, source, options);
        }),
        dropped: guarded(() => {
          options.log.debug('a reader fell too far behind and is disconnected', { namespace });
        }),
        close: (ws) => void open.delete(ws),
      });
    }
  }

  return {
    count: () => open.size,
    async closeAll({ code, reason }) {
      while (open.size > 0) {
        for (const ws of [...open].slice(0, limits.closeBatchSockets)) ws.end(code, reason);
        await nextTick();
      }
    },
  };
}
