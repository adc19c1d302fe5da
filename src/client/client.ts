/**
 * The client library of Callboard, for browsers and Node: one connection, kept across whatever happens to it, and on
 * it any number of sessions and event streams. See docs/client.md.
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
import type { Hello } from '../../schema/v1-frame.ts';
import { Commands } from './commands.ts';
import { type ClientSettings, type ConnectOptions, settingsOf } from './connect-options.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { type EventStream, type EventsOptions, openEventStream as streamOfEvents } from './event-stream.ts';
import type { LiveValue } from './live-value.ts';
import type { TransportKind } from './reconnect-decision.ts';
import { RestClient } from './rest.ts';
import { type Session, sessionHandle } from './session.ts';
import { SessionView } from './session-view.ts';
import { openEventStream } from './sse-transport.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Transport, TransportEvents } from './transport.ts';
import { openWebSocket } from './websocket-transport.ts';
import type { ServerFrame } from './wire-event.ts';

export type { ChatMessage } from '../../schema/chat-message.ts';
export type { ChatSession } from '../../schema/chat-session.ts';
export { CallboardError, type ErrorCode } from './client-error.ts';
export type { ConnectOptions } from './connect-options.ts';
export type { ConnectionState } from './connection.ts';
export type { ClientEvent, EventStream, EventsOptions } from './event-stream.ts';
export type { LiveValue } from './live-value.ts';
export type { ProtocolViolation, ViolationKind } from './protocol-violation.ts';
export type { SendOptions, Session } from './session.ts';
export type { SessionMessage } from './session-state.ts';
export type { SessionSnapshot, SessionStatus } from './session-view.ts';

export type Client = {
  /** `connecting`, `live`, `reconnecting` or `closed`. */
  readonly state: LiveValue<ConnectionState>;
  /** How it goes to the server, or last did: `websocket` or `sse`. */
  readonly transport: () => TransportKind;
  /** Creates a session; survives reconnects as `send` does. */
  readonly createSession: (body: {
    readonly title: string;
    readonly description?: string;
  }) => Promise<ChatSession>;
  /** A handle of a session; it begins to read it and to follow it. Handles of one session share what they know. */
  readonly session: (id: string) => Session;
  /**
   * Events from the moment its `subscribed` resolves: durable ones once each, in the order of `seq`, across reconnects.
   * Leave the loop to end it.
   */
  readonly events: (options?: EventsOptions) => EventStream;
  /** Ends everything: iterators end, commands that wait are refused `closed`. */
  readonly close: () => void;
};

type SharedView = { readonly view: SessionView; handles: number };

export function connect(options: ConnectOptions): Client {
  return new LiveClient(settingsOf(options)).client;
}

/** Puts the parts together; it decides nothing. */
class LiveClient {
  readonly #settings: ClientSettings;
  readonly #rest: RestClient;
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #commands: Commands;
  readonly #views = new Map<SessionId, SharedView>();
  readonly #streams = new Set<() => void>();
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
          for (const end of [...this.#streams]) end();
          for (const { view } of this.#views.values()) view.close();
          this.#views.clear();
        },
      },
    );
    this.#subscriptions = new Subscriptions({
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
    return {
      state: this.#connection.state,
      transport: () => this.#connection.kind,
      createSession: async (body) =>
        (await this.#commands.run({
          lane: undefined,
          rest: { method: 'POST', path: '/chat-sessions', body, key: this.#settings.newId() },
        })) as ChatSession,
      session: (id) => this.#session(id as SessionId),
      events: (options = {}) => this.#events(options),
      close: () => this.#connection.close(),
    };
  }

  #way(): 'socket' | 'rest' | undefined {
    if (this.#connection.state.value !== 'live') return undefined;
    return this.#connection.kind === 'websocket' ? 'socket' : 'rest';
  }

  #open(kind: TransportKind, events: TransportEvents): Transport {
    const { url, apiKey, headers, fetch, WebSocket } = this.#settings;
    if (kind === 'websocket' && WebSocket !== undefined) {
      // Browsers cannot set headers on a WebSocket.
      const query = apiKey === undefined ? '' : `?apiKey=${encodeURIComponent(apiKey)}`;
      return openWebSocket(`${url.replace(/^http/, 'ws')}/live${query}`, WebSocket, events);
    }
    const plan = this.#subscriptions.streamPlan();
    const query = new URLSearchParams();
    // Somebody who wants nothing still wants to know whether the server is there.
    query.set('namespaces', plan?.planned.namespaces.join(',') ?? 'config');
    if (plan?.planned.sessionId !== undefined) query.set('sessionId', plan.planned.sessionId);
    if (plan?.since !== undefined) query.set('since', plan.since);
    return openEventStream(`${url}/events?${query}`, headers, fetch, {
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
      shown: shared.view.shown,
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
    const { messagesMax } = this.#settings;
    const read = this.#rest.session.bind(this.#rest);
    return { ...this.#settings, messagesMax, subscriptions: this.#subscriptions, read };
  }

  #events(options: EventsOptions): EventStream {
    const { stream, end } = streamOfEvents(options, {
      subscriptions: this.#subscriptions,
      report: this.#settings.report,
      eventsMax: this.#settings.eventsMax,
      ended: () => void this.#streams.delete(end),
    });
    this.#streams.add(end);
    if (this.#connection.state.value === 'closed') end();
    return stream;
  }
}
