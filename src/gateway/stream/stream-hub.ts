/**
 * The stream hub: everything between what the outbox publishes and the transports. A transport opens a connection
 * with a {@link StreamSink} and reports when the sink has drained or gone; the hub calls the sink to send. The hub
 * knows nothing of sockets.
 *
 * @example
 * const hub = createStreamHub({ eventLog, newestSeq, native: () => {}, clock, log, flushMsMax: 10, heartbeatMs });
 * const connection = hub.open(sink, 'v1');
 * connection.subscribe({ namespaces: ['chat-sessions'] }, { since: 41 });
 */
import type { Clock, EventLog, Log, Publisher } from '../../../actors/ports.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import { heartbeatTopic, type WireFormat } from '../../../schema/wire/topic.ts';
import { audiencesBy } from '../access/audiences.ts';
import { knownAccessPublisher } from '../access/known-access-publisher.ts';
import { PrincipalConnections } from '../access/principal-connections.ts';
import { hearsEverything, reachOf } from '../access/reach.ts';
import type { SessionAccesses } from '../access/session-accesses.ts';
import { AuthenticatedConnections } from '../authentication/authenticated-connections.ts';
import type { Authentication } from '../authentication/authentication.ts';
import { asLocal } from '../authentication/authenticator.ts';
import type { AuthenticatedRequests } from '../http/authenticated-requests.ts';
import { createBroadcaster } from './broadcaster.ts';
import { CatchUp } from './catch-up.ts';
import { type CursorJudge, createCursorJudge } from './cursor-judgement.ts';
import { HotWindow } from './hot-window.ts';
import { InFlight } from './in-flight.ts';
import { type StreamBounds, streamBounds } from './stream-bounds.ts';
import { StreamConnection } from './stream-connection.ts';
import type { StreamDeps } from './stream-deps.ts';
import type { StreamSink } from './stream-sink.ts';
import { type NativePublish, Topics } from './topics.ts';

export type StreamHubOptions = {
  readonly eventLog: EventLog;
  /** The journal's newest `seq` at the start; every event published after it is kept in memory. */
  readonly newestSeq: number;
  /** Publishes on the transport's own topics. */
  readonly native: NativePublish;
  readonly clock: Clock;
  readonly log: Log;
  readonly flushMsMax: Milliseconds;
  /** See `FlushPace`; without it the process never counts as busy. */
  readonly busyShare?: () => number;
  readonly heartbeatMs: Milliseconds;
  readonly accesses: SessionAccesses;
  /** Whether requests without credentials are served: then every connection hears everything. */
  readonly isOpen: () => boolean;
  /** Overrides of `streamBounds`. */
  readonly bounds?: Partial<StreamBounds>;
};

export type StreamHub = {
  readonly publisher: Publisher;
  readonly eventLog: EventLog;
  /** The longest time between two heartbeats on a `callboard.v1` connection. */
  readonly heartbeatMs: Milliseconds;
  /** Publishes everything that waits, then returns the newest `seq` published. */
  readonly seq: () => number;
  readonly judge: CursorJudge;
  /** Opens a connection, default `local`'s, without subscriptions; it gets nothing, not even heartbeats, until `enter` or `subscribe`. */
  readonly open: (sink: StreamSink, format: WireFormat, by?: Authentication) => StreamConnection;
  /** What the connection rests on from now on: another token of the same principal. */
  readonly renew: (connection: StreamConnection, by: Authentication) => void;
  /** Closes the connections for which it holds, for good. */
  readonly revoke: (isRevoked: (by: Authentication) => boolean) => void;
  /** Those that take long, which end as connections do. */
  readonly requests: AuthenticatedRequests;
  /** Publishes everything that waits, now. */
  readonly flush: () => void;
  /** Stops the heartbeat timer. */
  readonly stop: () => void;
};

export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { eventLog, clock, log, heartbeatMs, accesses, isOpen } = options;
  const bounds = { ...streamBounds, ...options.bounds };
  const topics = new Topics(options.native, bounds);
  const hot = new HotWindow({
    floor: options.newestSeq,
    eventsMax: bounds.hotWindowEventsMax,
    bytesMax: bounds.hotWindowBytesMax,
  });
  const inFlight = new InFlight();
  const catchUp = new CatchUp({ bounds, clock, log });
  const connections = new PrincipalConnections();
  const authenticated = new AuthenticatedConnections(clock);
  const { publisher: broadcast, flush } = createBroadcaster({
    ...options,
    audiences: audiencesBy({
      accesses,
      isOpen,
      isNarrowedTo: (session) => connections.isNarrowedTo(session),
    }),
    published: (event) => {
      if (!isOpen()) connections.told(event);
    },
    previewUnitsMax: bounds.previewUnitsMax,
    topics,
    hot,
    inFlight,
  });
  const publisher = knownAccessPublisher({ inner: broadcast, accesses, isOpen, clock, log });
  const deps: StreamDeps = {
    topics,
    hot,
    inFlight,
    catchUp,
    eventLog,
    flush,
    know: async (sessions) => {
      if (!isOpen()) await accesses.know(sessions);
    },
    left: (connection) => {
      connections.remove(connection);
      authenticated.remove(connection);
    },
    bounds,
    clock,
    log,
  };

  function beat(): void {
    cancel = clock.after(heartbeatMs, beat);
    // First publishes the events that the heartbeat's `seq` covers ([V1A7]).
    flush();
    topics.publish(heartbeatTopic, serverFrame('heartbeat', { seq: hot.newest }));
  }
  let cancel = clock.after(heartbeatMs, beat);

  return {
    publisher,
    eventLog,
    heartbeatMs,
    seq() {
      flush();
      return hot.newest;
    },
    judge: createCursorJudge(eventLog, hot),
    open(sink, format, by = asLocal) {
      const reach = isOpen() ? hearsEverything : reachOf(by.principal, accesses);
      const connection = new StreamConnection(deps, sink, format, reach);
      connections.add(by.principal, connection);
      authenticated.add(connection, by);
      return connection;
    },
    renew: (connection, by) => authenticated.add(connection, by),
    revoke: (isRevoked) => authenticated.revoke(isRevoked),
    requests: authenticated,
    flush,
    stop: () => {
      cancel();
      authenticated.stop();
    },
  };
}
