/**
 * The client library of Callboard, for browsers and Node: one connection, reopened whenever it is lost, that carries
 * any number of sessions and event streams. See docs/client.md.
 *
 * @example
 * const client = connect({ url: 'http://localhost:3000' });
 * const { id } = await client.createSession({ title: 'First' });
 * const session = client.session(id);
 * session.messages.subscribe((messages) => render(messages));
 * await session.send('Hello');
 */
import type { ChatSession } from '../../schema/chat-session.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ModelOptions } from '../../schema/model-options.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { GreetedPrincipal, Hello } from '../../schema/wire/callboard-v1-frame.ts';
import type { ClientCore } from './client-core.ts';
import { type ClientSettings, type ConnectOptions, settingsOf } from './connection/connect-options.ts';
import { Connection, type ConnectionState, type RetryWait } from './connection/connection.ts';
import type { TransportKind } from './connection/reconnect-decision.ts';
import { openSseResponse } from './connection/sse-transport.ts';
import type { Transport, TransportEvents } from './connection/transport.ts';
import { openWebSocket } from './connection/websocket-transport.ts';
import { type EventStream, type EventsOptions, openEventStream } from './follow/event-stream.ts';
import { SharedSubscriptions } from './follow/shared-subscriptions.ts';
import type { LiveValue } from './live-value.ts';
import type { ServerFrame } from './server-frame.ts';
import { Commands } from './session/commands.ts';
import { RestClient } from './session/rest.ts';
import { type Session, sessionHandle } from './session/session.ts';
import { SessionView } from './session/session-view.ts';

export type { ChatMessage } from '../../schema/chat-message.ts';
export type { ChatSession } from '../../schema/chat-session.ts';
export type { MessagePart } from '../../schema/message-part.ts';
export type { ModelOptions } from '../../schema/model-options.ts';
export type { RuntimeConfig } from '../../schema/runtime-config.ts';
export type { GreetedPrincipal } from '../../schema/wire/callboard-v1-frame.ts';
export { CallboardError, type ErrorCode } from './client-error.ts';
export type { ConnectOptions } from './connection/connect-options.ts';
export type { ConnectionState, RetryWait } from './connection/connection.ts';
export type { ClientEvent, EventStream, EventsOptions } from './follow/event-stream.ts';
export type { LiveValue } from './live-value.ts';
export type { ProtocolViolation, ViolationKind } from './protocol-violation.ts';
export type { AskOptions, CommandOptions, Saying, SendOptions, Session } from './session/session.ts';
export type { SessionMessage } from './session/session-state.ts';
export type { SessionSnapshot, SessionStatus } from './session/session-view.ts';

export type Client = {
  /** `connecting`, `live`, `reconnecting` or `closed`. */
  readonly state: LiveValue<ConnectionState>;
  /** The current wait before the next connection attempt; `undefined` while there is none. */
  readonly retry: LiveValue<RetryWait | undefined>;
  /** Ends that wait and connects at once. */
  readonly retryNow: () => void;
  /**
   * Whom the server takes this client for, and what it allows it, as the last connection said; `undefined` until the
   * first is made, and with servers that do not say it.
   */
  readonly principal: () => GreetedPrincipal | undefined;
  /** The transport in use, or the last one used: `websocket` or `sse`. */
  readonly transport: () => TransportKind;
  /** Creates a session. Like `send`, it is retried across reconnects. */
  readonly createSession: (body: {
    readonly title: string;
    readonly description?: string;
    /** Which model answers, and how. */
    readonly options?: ModelOptions;
    /** True: a model gives it another title after the first answer. */
    readonly autoTitle?: boolean;
  }) => Promise<ChatSession>;
  /** Reads the runtime config once. Rejects with `unauthorized` at once when the key is wrong. */
  readonly readConfig: () => Promise<RuntimeConfig>;
  /** Returns a handle of a session, which is then read and followed. Handles of one session share its state. */
  readonly session: (id: string) => Session;
  /**
   * Yields events from the moment its `subscribed` resolves: each durable event once, in the order of `seq`, across
   * reconnects. Leave the loop to end it.
   */
  readonly events: (options?: EventsOptions) => EventStream;
  /** Ends everything: iterators end, waiting commands are refused `closed`. */
  readonly close: () => void;
  /** For the further entries of this library. */
  readonly core: ClientCore;
};

type SharedView = { readonly view: SessionView; handles: number };

export function connect(options: ConnectOptions): Client {
  return new LiveClient(settingsOf(options)).client;
}

/** Connects the parts; it decides nothing. */
class LiveClient {
  readonly #settings: ClientSettings;
  readonly #rest: RestClient;
  readonly #connection: Connection;
  readonly #subscriptions: SharedSubscriptions;
  readonly #commands: Commands;
  readonly #views = new Map<SessionId, SharedView>();
  /** Called when the client closes. */
  readonly #ends = new Set<() => void>();
  #frameId = 0;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    const nextFrameId = () => ++this.#frameId;
    const send = (frame: object) => this.#connection.send(frame);
    this.#rest = new RestClient(settings);
    this.#connection = new Connection(
      { ...settings, open: (kind, events) => this.#open(kind, events) },
      {
        live: (hello, kind) => this.#live(hello, kind),
        frame: (frame) => this.#received(frame),
        down: () => {
          this.#subscriptions.disconnected();
          this.#commands.disconnected();
        },
        closed: (error) => {
          this.#commands.close(error);
          for (const end of [...this.#ends]) end();
          for (const { view } of this.#views.values()) view.close();
          this.#views.clear();
        },
      },
    );
    this.#subscriptions = new SharedSubscriptions({
      send,
      nextFrameId,
      restart: (when) => this.#connection.restart(when),
    });
    this.#commands = new Commands({
      ...settings,
      rest: this.#rest,
      send,
      nextFrameId,
      way: () => this.#way(),
    });
    this.#connection.open();
  }

  get client(): Client {
    const order: ClientCore['order'] = (method, session, path, body) =>
      this.#commands.run({
        lane: session as SessionId | undefined,
        rest: { method, path, key: this.#settings.newId(), ...(body === undefined ? {} : { body }) },
      });
    return {
      state: this.#connection.state,
      retry: this.#connection.retry,
      retryNow: () => this.#connection.retryNow(),
      principal: () => this.#connection.principal,
      transport: () => this.#connection.kind,
      createSession: async (body) => (await order('POST', undefined, '/chat-sessions', body)) as ChatSession,
      readConfig: async () => (await this.#rest.request({ method: 'GET', path: '/config' })) as RuntimeConfig,
      session: (id) => this.#session(id as SessionId),
      events: (options = {}) => this.#events(options),
      close: () => this.#connection.close(),
      core: {
        settings: this.#settings,
        subscriptions: this.#subscriptions,
        rest: this.#rest,
        order,
        send: (frame) => this.#connection.send(frame),
        whenClosed: (end) => this.#whenClosed(end),
      },
    };
  }

  #whenClosed(end: () => void): () => void {
    if (this.#connection.state.value === 'closed') {
      end();
      return () => {};
    }
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  #way(): 'socket' | 'rest' | undefined {
    if (this.#connection.state.value !== 'live') return undefined;
    return this.#connection.kind === 'websocket' ? 'socket' : 'rest';
  }

  #open(kind: TransportKind, events: TransportEvents): Transport {
    const { url, apiKey, tokens, headers, fetch, WebSocket } = this.#settings;
    if (kind === 'websocket' && WebSocket !== undefined) {
      // Browsers cannot set headers on a WebSocket.
      const query = apiKey === undefined ? '' : `?apiKey=${encodeURIComponent(apiKey)}`;
      const address = `${url.replace(/^http/, 'ws')}/live${query}`;
      return tokens === undefined
        ? openWebSocket(address, undefined, WebSocket, events)
        : tokens.opening(events, (token, told) => openWebSocket(address, token, WebSocket, told));
    }
    const plan = this.#subscriptions.streamPlan();
    const query = new URLSearchParams();
    // With no subscriptions, the client still needs a stream to know whether the server is there.
    query.set('namespaces', plan?.planned.namespaces.join(',') ?? 'config');
    if (plan?.planned.sessionId !== undefined) query.set('sessionId', plan.planned.sessionId);
    if (plan?.since !== undefined) query.set('since', plan.since);
    return openSseResponse(`${url}/events?${query}`, headers, fetch, {
      ...events,
      refused: (error) => {
        if (error.code === 'not_found') this.#subscriptions.refuse(plan?.planned.sessionId, error);
      },
    });
  }

  #live(hello: Hello, kind: TransportKind): void {
    this.#subscriptions.connected(hello, kind);
    this.#commands.connected(hello.limits);
  }

  #received(frame: ServerFrame): void {
    switch (frame.kind) {
      case 'event':
      case 'text':
        this.#subscriptions.event(frame.frame);
        return;
      case 'control': {
        const { frame: control } = frame;
        if (this.#subscriptions.control(control)) return;
        if (control.event === 'ack' || control.event === 'exception') this.#commands.answered(control);
        return;
      }
      case 'unknown':
        return;
    }
  }

  #session(id: SessionId): Session {
    const shared = this.#views.get(id) ?? { view: new SessionView(id, this.#viewPort()), handles: 0 };
    shared.handles++;
    this.#views.set(id, shared);
    if (this.#connection.state.value === 'closed') shared.view.close();
    let isReleased = false;
    return sessionHandle({
      id,
      view: shared.view,
      commands: this.#commands,
      newId: this.#settings.newId,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        shared.handles--;
        if (shared.handles > 0 || this.#views.get(id) !== shared) return;
        this.#views.delete(id);
        shared.view.close();
      },
    });
  }

  #viewPort() {
    const read = this.#rest.session.bind(this.#rest);
    return { ...this.#settings, subscriptions: this.#subscriptions, read };
  }

  #events(options: EventsOptions): EventStream {
    let forget = () => {};
    const { stream, end } = openEventStream(options, {
      subscriptions: this.#subscriptions,
      report: this.#settings.report,
      eventsMax: this.#settings.eventsMax,
      ended: () => forget(),
    });
    forget = this.#whenClosed(end);
    return stream;
  }
}
