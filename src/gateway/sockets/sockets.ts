/**
 * The WebSockets: one for each namespace, which speaks the baseline protocol (docs/protocol.md A1) or `callboard.v1`,
 * and `/live`, which speaks only `callboard.v1`. This is the transport; the stream hub decides what each socket is sent.
 */
import type {
  CompressOptions,
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_socket_context_t,
  WebSocket,
} from 'uWebSockets.js';
import type { Admission } from '../../../actors/fair-admission.ts';
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { clientFrameBytesMax } from '../../../schema/message-bounds.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { callboardV1Subprotocol, compactSubprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import type { WireFormat } from '../../../schema/wire/topic.ts';
import { type BaselineNamespace, baselineNamespaces } from '../../../schema/wire-event-table.ts';
import type { ClientAddress, ClientAddresses } from '../http/client-address.ts';
import { type HttpExchange, openHttpExchange } from '../http/http-exchange.ts';
import type { ClientLimits } from '../limits/client-limits.ts';
import type { StreamConnection } from '../stream/stream-connection.ts';
import type { HeldResponse } from '../uws/held-response.ts';
import { CallboardV1Conversation, type ConversationServices } from './callboard-v1-conversation.ts';
import { type FrameSource, takeClientFrame } from './client-frame-intake.ts';
import { startPings } from './socket-pings.ts';
import { SocketSink } from './socket-sink.ts';
import {
  type AcceptedUpgrade,
  acceptedUpgrade,
  type UpgradeOutcome,
  type UpgradeRules,
} from './socket-upgrade.ts';

export type SocketOptions = Omit<UpgradeRules, 'full' | 'clientLimits'> &
  ConversationServices & {
    readonly timestamp: () => string;
    readonly keepsAllHeaders: boolean;
    readonly addresses: ClientAddresses;
    readonly clientLimits: ClientLimits;
    readonly began: () => () => void;
    readonly clock: Clock;
    /** How often baseline sockets are pinged ([WS16]). */
    readonly pingMs: Milliseconds;
    /** 0: sockets may be silent without limit. */
    readonly idleTimeoutSeconds: number;
    /** How many connections may be open, SSE streams included; at most `limits.connectionsMax`. */
    /** In which sockets are opened. */
    readonly socketAdmission: Admission;
    /** In whose `cork` requests are upgraded. */
    readonly held: Pick<HeldResponse, 'cork'>;
    readonly connectionsMax: number;
    /** How many connections besides sockets are open. */
    readonly otherConnections: () => number;
    /** Called when a socket has closed. */
    readonly closed: () => void;
    /** permessage-deflate for clients that offer it; `0`: for no client. */
    readonly compression: CompressOptions;
  };

export type Sockets = {
  readonly count: () => number;
  /** Closes in batches, a tick apart, so that ten thousand clients do not reconnect in the same millisecond. */
  readonly closeAll: (close: CloseCode) => Promise<void>;
};

/** The data attached to a socket; `opened` is set when it opens. */
type SocketData = AcceptedUpgrade & {
  readonly address: ClientAddress;
  opened?: {
    readonly connection: StreamConnection;
    readonly sink: SocketSink<SocketData>;
    readonly intake: { readonly take: (bytes: ArrayBuffer) => void };
  };
};

const subprotocols = {
  baseline: '',
  v1: callboardV1Subprotocol,
  compact: compactSubprotocol,
} as const satisfies Readonly<Record<WireFormat, string>>;

function nextTick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Throws a RangeError for a timeout that would make uWebSockets.js abort the process. */
export function checkIdleTimeout(seconds: number): void {
  const { idleTimeoutSecondsMin: min, idleTimeoutSecondsMax: max } = limits;
  if (seconds === 0 || (Number.isInteger(seconds) && seconds >= min && seconds <= max)) return;
  throw new RangeError(`the idle timeout must be 0 or ${min} to ${max} whole seconds, not ${seconds}`);
}

/** Registers the paths of the namespaces and `/live`, with and without a trailing slash (docs/protocol.md B7). */
export function attachSockets(app: TemplatedApp, options: SocketOptions): Sockets {
  const open = new Set<WebSocket<SocketData>>();
  const pinged = new Set<WebSocket<SocketData>>();
  const stopPings = startPings(pinged, { clock: options.clock, everyMs: options.pingMs });
  const rules: UpgradeRules = {
    ...options,
    full: () => open.size + options.otherConnections() >= options.connectionsMax,
  };

  function upgrade(
    namespace: BaselineNamespace | undefined,
    res: HttpResponse,
    req: HttpRequest,
    context: us_socket_context_t,
  ): void {
    // uWebSockets.js checks only the key; without the other headers of a handshake this is an ordinary request.
    if (req.getHeader('upgrade').toLowerCase() !== 'websocket') {
      req.setYield(true);
      return;
    }
    const exchange = openHttpExchange(res, req, { ...options, ended: options.began() });
    // A thousand clients that come back at once must not stop those that are there ([LIM32]).
    const slice = options.socketAdmission.enter();
    const accept = () => acceptedUpgrade(namespace, exchange, rules);
    const upgraded = slice === undefined ? accept() : slice.then(accept);
    const end = (outcome: UpgradeOutcome) => endUpgrade(outcome, exchange, res, context);
    if (upgraded instanceof Promise) upgraded.then(end).catch(fail);
    else end(upgraded);
  }

  function endUpgrade(
    upgraded: UpgradeOutcome,
    exchange: HttpExchange,
    res: HttpResponse,
    context: us_socket_context_t,
  ): void {
    if (!upgraded.ok) {
      // A bad handshake is answered with the values that a good one needs (RFC 6455, 4.4).
      const headers =
        upgraded.refusal.code === 'bad_request' ? ([['Sec-WebSocket-Version', '13']] as const) : [];
      exchange.refuse(upgraded.refusal, { errors: upgraded.errors, headers });
      return;
    }
    exchange.upgrade(() => {
      const data: SocketData = { ...upgraded.value, address: exchange.address };
      const key = exchange.header('sec-websocket-key');
      const protocol = subprotocols[data.format];
      const extensions = options.compression === 0 ? '' : exchange.header('sec-websocket-extensions');
      options.held.cork(() => res.upgrade(data, key, protocol, extensions, context));
    });
  }

  function opened(ws: WebSocket<SocketData>): void {
    open.add(ws);
    const data = ws.getUserData();
    const { hub, clientLimits } = options;
    clientLimits.socketOpened(data.by.principal, data.address);
    const sink = new SocketSink(ws, options.compression !== 0);
    const connection = hub.open(sink, data.format, data.by);
    if (data.format !== 'baseline') {
      const conversation = new CallboardV1Conversation(connection, options, data.by);
      data.opened = { connection, sink, intake: conversation };
      conversation.begin(data.first);
      return;
    }
    pinged.add(ws);
    const { namespace } = data;
    const source: FrameSource = {
      namespace,
      principal: data.by.principal,
      judging: null,
      waiting: 0,
      send: (frame) => connection.send(frame),
    };
    data.opened = { connection, sink, intake: { take: (bytes) => takeClientFrame(bytes, source, options) } };
    // No text is sent on connect ([WS3]): each partial has the whole text so far anyway.
    connection.subscribe({ namespaces: [namespace] }, { snapshots: 'activities' });
  }

  /** An exception that reaches uWebSockets.js ends the process: a bug here must only close its own socket. */
  function guarded<Given extends [WebSocket<SocketData>, ...unknown[]]>(
    run: (...given: Given) => void,
  ): (...given: Given) => void {
    return (...given) => {
      try {
        run(...given);
      } catch (error) {
        fail(error);
        if (open.has(given[0])) given[0].end(closeCodes.internal.code, closeCodes.internal.reason);
      }
    };
  }

  function fail(error: unknown): void {
    options.log.error('a socket could not be handled', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  for (const namespace of [...baselineNamespaces, undefined]) {
    for (const path of [`/${namespace ?? 'live'}`, `/${namespace ?? 'live'}/`]) {
      app.ws<SocketData>(path, {
        compression: options.compression,
        maxPayloadLength: clientFrameBytesMax(options.messageBounds),
        // The hub takes a slow socket off its topics long before this limit; the transport must never skip a frame by
        // itself.
        maxBackpressure: limits.socketBufferBytesMax,
        closeOnBackpressureLimit: true,
        idleTimeout: options.idleTimeoutSeconds,
        sendPingsAutomatically: true,
        upgrade(res, req, context) {
          try {
            upgrade(namespace, res, req, context);
          } catch (error) {
            fail(error);
          }
        },
        open: guarded(opened),
        message: guarded((ws, bytes: ArrayBuffer) => ws.getUserData().opened?.intake.take(bytes)),
        drain: guarded((ws) => {
          if (ws.getBufferedAmount() === 0) ws.getUserData().opened?.connection.drained();
        }),
        close: guarded((ws) => {
          open.delete(ws);
          pinged.delete(ws);
          options.closed();
          const { opened, by, address } = ws.getUserData();
          options.clientLimits.socketClosed(by.principal, address);
          opened?.sink.closed();
          opened?.connection.gone();
        }),
      });
    }
  }

  return {
    count: () => open.size,
    async closeAll({ code, reason }) {
      stopPings();
      while (open.size > 0) {
        for (const ws of [...open].slice(0, limits.closeBatchSockets)) ws.end(code, reason);
        await nextTick();
      }
    },
  };
}
