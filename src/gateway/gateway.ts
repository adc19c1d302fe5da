/**
 * The gateway: REST, a WebSocket for each namespace and `/live` on one port (docs/protocol.md A1, A2, C).
 *
 * It is made in two steps because the door needs the publisher and the gateway needs the door: `createGateway`
 * returns the publisher; `listen` takes the door and the other services, and starts.
 */
import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { type Admission, admissionAtOnce } from '../../actors/fair-admission.ts';
import type { Clock, EventLog, Log, Publisher } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp, type Milliseconds } from '../../schema/timestamp.ts';
import { closeCodes } from '../../schema/wire/close-codes.ts';
import { type AllowedOrigin, allowedOrigin } from '../origins/allowed-origin.ts';
import { allowedHost } from '../origins/host-name.ts';
import type { WebPages } from '../pages/web-pages.ts';
import type { SessionAccesses } from './access/session-accesses.ts';
import type { Authentication } from './authentication/authentication.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { clientAddresses } from './http/client-address.ts';
import { originPolicy } from './http/origin-policy.ts';
import type { GatewayServices, Route } from './http/route.ts';
import { type ClientLimitSettings, ClientLimits, noClientLimits } from './limits/client-limits.ts';
import { LimitRefusals } from './limits/limit-refusals.ts';
import { limitedLogins } from './limits/limited-logins.ts';
import { restHandler } from './routes/rest.ts';
import { routes } from './routes/route-table.ts';
import { attachSockets, checkIdleTimeout, type Sockets } from './sockets/sockets.ts';
import { createSseStreams, type SseStreams } from './sse/sse-streams.ts';
import type { StreamBounds } from './stream/stream-bounds.ts';
import { createStreamHub } from './stream/stream-hub.ts';
import { type HeldResponse, heldResponse } from './uws/held-response.ts';
import { listenError } from './uws/listen-error.ts';
import { boundTransportConnections } from './uws/transport-connections.ts';
import { loadUws } from './uws/uws-loader.ts';

export type GatewayOptions = {
  readonly authenticator: Authenticator;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Settings of the same name; default none. Throws a RangeError for one that is malformed. */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** A socket is pinged after this much silence, and closed when it does not answer: 0 (never) or 8 to 960 seconds. */
  readonly idleTimeoutSeconds: number;
  /** Default and greatest value: `limits.connectionsMax`. */
  readonly connectionsMax?: number;
  /** Connections of every kind, idle ones included. More: closed at once. Default: no bound. */
  readonly transportConnectionsMax?: number;
  /** Connections that resume or fell behind catch up from this log. */
  readonly eventLog: EventLog;
  /** The journal's newest `seq` before this process writes anything. */
  readonly newestSeq: number;
  /** How long pieces of text may wait to be sent together, ms; 0: until the end of the tick. */
  readonly streamFlushMs: Milliseconds;
  /** See `FlushPace`; without it the process never counts as busy. */
  readonly busyShare?: () => number;
  /** In which requests that change something are handled; absent: as many at once as come. */
  readonly requestAdmission?: Admission;
  /** In which sockets are opened: a line of their own, so that no request waits behind a thousand of them. */
  readonly socketAdmission?: Admission;
  /** permessage-deflate for sockets whose clients offer it. Default false: it costs more than it saves. */
  readonly compression?: boolean;
  /** Default `limits.heartbeatMs`. */
  readonly heartbeatMs?: Milliseconds;
  /** Default `limits.pingMs`. */
  readonly pingMs?: Milliseconds;
  /** See `StreamHubOptions`. */
  readonly bounds?: Partial<StreamBounds>;
  /** Default: every route of the route table. */
  readonly routes?: readonly Route[];
  readonly accesses: SessionAccesses;
  /** Limits of each client, as they are in force; absent: none. */
  readonly clientLimits?: () => ClientLimitSettings;
  /** Told what those refuse. */
  readonly limitRefusals?: LimitRefusals;
  /** Setting of the same name; default none. Throws a RangeError for one that is malformed. */
  readonly trustedProxies?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
};

export type Gateway = {
  /** Publishes to all connected clients; to none before `listen` and after `close`. */
  readonly publisher: Publisher;
  /** Closes the open connections for which it holds, for good. */
  readonly revoke: (isRevoked: (by: Authentication) => boolean) => void;
  /** Starts, and resolves with the port. Rejects with `GatewayListenError`. Call it once. */
  readonly listen: (services: GatewayServices, pages?: Pick<WebPages, 'find'>) => Promise<number>;
  /** How many WebSockets and SSE streams are open. */
  readonly connections: () => number;
  /** Refuses new requests, closes the sockets with `serverShutdown`, waits for the requests under way, and ends. */
  readonly close: () => Promise<void>;
};

/** The value of `LIBUS_LISTEN_EXCLUSIVE_PORT`, which the module exports elsewhere than its type declarations say. */
const exclusivePort = 1;

type ListenExclusively = (
  host: string,
  port: number,
  options: number,
  listening: (socket: us_listen_socket | false) => void,
) => TemplatedApp;

/**
 * Without this option, a second process would share the port and get half of the connections (SPEC [HTTP20]).
 * uWebSockets.js accepts host, port and options together, although its type declarations do not.
 */
function listenExclusively(app: TemplatedApp): ListenExclusively {
  return (...given) => Reflect.apply(app.listen, app, given);
}

function parsedAll<Parsed>(
  texts: readonly string[] = [],
  parsed: (text: string) => Parsed | undefined,
): readonly Parsed[] {
  return texts.map((text) => {
    const value = parsed(text);
    if (value === undefined) throw new RangeError(`${JSON.stringify(text)} cannot be allowed`);
    return value;
  });
}

/** Throws a RangeError for one that is malformed. */
export function allowedOriginsOf(texts?: readonly string[]): readonly AllowedOrigin[] {
  return parsedAll(texts, allowedOrigin);
}

/** Throws {@link UwsLoadError}, and a RangeError for an illegal idle timeout. */
export function createGateway(options: GatewayOptions): Gateway {
  checkIdleTimeout(options.idleTimeoutSeconds);
  const clientLimits = new ClientLimits({
    settings: options.clientLimits ?? (() => noClientLimits),
    refusals: options.limitRefusals ?? new LimitRefusals(options.clock),
    clock: options.clock,
  });
  const authenticator = limitedLogins(options.authenticator, clientLimits);
  const { clock, log } = options;
  const addresses = clientAddresses(options.trustedProxies ?? [], (proxy) => {
    log.warn(
      `Requests come through a proxy at ${proxy}: name it in trustedProxies, so that clients are limited by their own addresses`,
    );
  });
  const origins = originPolicy({
    isOpen: authenticator.isOpen,
    allowedHosts: parsedAll(options.allowedHosts, allowedHost),
    allowedOrigins: allowedOriginsOf(options.allowedOrigins),
    log,
  });
  const uws = loadUws();
  const app = uws.App();
  let sockets: Sockets | undefined;
  let sseStreams: SseStreams | undefined;
  let held: HeldResponse | undefined;
  let listening: us_listen_socket | undefined;
  let closed: Promise<void> | undefined;
  let ended = false;
  let inFlight = 0;
  let whenIdle = () => {};

  const compression = options.compression === true ? uws.SHARED_COMPRESSOR : uws.DISABLED;
  const hub = createStreamHub({
    ...options,
    isOpen: authenticator.isOpen,
    flushMsMax: options.streamFlushMs,
    heartbeatMs: options.heartbeatMs ?? limits.heartbeatMs,
    // An app without WebSocket routes, or a closed one, has no topics and crashes when asked for them.
    native: (topic, frame) => {
      if (sockets !== undefined && !ended) app.publish(topic, frame, false, compression !== uws.DISABLED);
    },
  });

  function connections(): number {
    return (sockets?.count() ?? 0) + (sseStreams?.count() ?? 0);
  }

  function began(): () => void {
    inFlight++;
    return () => {
      inFlight--;
      if (inFlight === 0) whenIdle();
    };
  }

  async function listen(services: GatewayServices, pages?: Pick<WebPages, 'find'>): Promise<number> {
    const shared = {
      authenticator,
      addresses,
      clientLimits,
      origins,
      log,
      timestamp: () => isoTimestamp(clock.now()),
      closing: () => closed !== undefined,
      began,
      keepsAllHeaders: authenticator.needsAllHeaders,
      fairAdmission: options.requestAdmission ?? admissionAtOnce,
      socketAdmission: options.socketAdmission ?? admissionAtOnce,
    };
    held = await heldResponse(uws, log);
    const transport = boundTransportConnections(
      app,
      options.transportConnectionsMax ?? Number.POSITIVE_INFINITY,
    );
    const connectionsMax = Math.min(options.connectionsMax ?? limits.connectionsMax, limits.connectionsMax);
    const streams = createSseStreams({
      ...shared,
      hub,
      readModel: services.readModel,
      authorize: services.authorize,
      messageBounds: services.messageBounds,
      full: () => connections() >= connectionsMax,
    });
    sseStreams = streams;
    sockets = attachSockets(app, {
      ...shared,
      held,
      hub,
      door: services.door,
      readModel: services.readModel,
      authorize: services.authorize,
      messageBounds: services.messageBounds,
      inspectors: services.inspection.inspectors,
      compression,
      clock,
      pingMs: options.pingMs ?? limits.pingMs,
      idleTimeoutSeconds: options.idleTimeoutSeconds,
      connectionsMax,
      otherConnections: streams.count,
      closed: transport.socketClosed,
    });
    app.any(
      '/*',
      restHandler({
        ...shared,
        after: clock.after,
        longRequests: hub.requests,
        routes: options.routes ?? routes,
        services,
        sseStreams: streams,
        pages,
      }),
    );
    const { host, port } = options;
    const socket = await new Promise<us_listen_socket | false>((resolve) => {
      listenExclusively(app)(host, port, exclusivePort, resolve);
    });
    if (socket === false) {
      // An embedding program goes on, and may end when it likes.
      held.close();
      throw await listenError({ host, port });
    }
    listening = socket;
    return uws.us_socket_local_port(socket);
  }

  async function closing(): Promise<void> {
    if (listening !== undefined) uws.us_listen_socket_close(listening);
    const served = inFlight + connections();
    const answered = new Promise<void>((resolve) => {
      const cancel = clock.after(limits.shutdownGraceMs, resolve);
      whenIdle = () => {
        cancel();
        resolve();
      };
      if (inFlight === 0) whenIdle();
    });
    // Sends what was published before, such as the ends of the last turns: the transport sends it at the end of a
    // tick.
    hub.flush();
    await new Promise<void>((resolve) => clock.after(0, resolve));
    await Promise.all([
      sockets?.closeAll(closeCodes.serverShutdown),
      sseStreams?.closeAll(closeCodes.serverShutdown),
    ]);
    await answered;
    // Closing the app resets its connections, so answers and close frames first get time to be sent.
    if (served > 0) await new Promise<void>((resolve) => clock.after(limits.shutdownDrainMs, resolve));
    ended = true;
    hub.stop();
    app.close();
    held?.close();
  }

  return {
    publisher: hub.publisher,
    revoke: hub.revoke,
    listen,
    connections,
    close() {
      closed ??= closing();
      return closed;
    },
  };
}
