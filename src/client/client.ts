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
import type { SessionCommandType } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ModelOptions, UpdateModelOptions } from '../../schema/model-options.ts';
import type { ProviderCatalogBody } from '../../schema/provider-catalog.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { SessionRun } from '../../schema/session-run.ts';
import type { FoundSession, SessionQuery } from '../../schema/session-search.ts';
import type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
import type { Hello } from '../../schema/wire/callboard-v1-frame.ts';
import { type ClientSettings, type ConnectOptions, settingsOf } from './connection/connect-options.ts';
import { Connection, type ConnectionState, type RetryWait } from './connection/connection.ts';
import type { TransportKind } from './connection/reconnect-decision.ts';
import { openSseResponse } from './connection/sse-transport.ts';
import type { Transport, TransportEvents } from './connection/transport.ts';
import { openWebSocket } from './connection/websocket-transport.ts';
import { type EventStream, type EventsOptions, openEventStream } from './follow/event-stream.ts';
import { type FollowedHandle, FollowedValue, type Following } from './follow/followed-value.ts';
import { SharedSubscriptions } from './follow/shared-subscriptions.ts';
import { SharedValues } from './follow/shared-value.ts';
import type { LiveValue } from './live-value.ts';
import type { ServerFrame } from './server-frame.ts';
import { Commands } from './session/commands.ts';
import { followedConfig, followedRuns, followedSessions } from './session/followed-sources.ts';
import { RestClient } from './session/rest.ts';
import { type Session, sessionHandle } from './session/session.ts';
import type { ListedSession } from './session/session-list.ts';
import { SessionView } from './session/session-view.ts';

export type { ChatMessage } from '../../schema/chat-message.ts';
export type { ChatSession } from '../../schema/chat-session.ts';
export type { ModelOptions } from '../../schema/model-options.ts';
export type { RuntimeConfig } from '../../schema/runtime-config.ts';
export type { SessionRun, ShownToolCall } from '../../schema/session-run.ts';
export type { FoundSession, SearchSnippet } from '../../schema/session-search.ts';
export type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
export { CallboardError, type ErrorCode } from './client-error.ts';
export type { ConnectOptions } from './connection/connect-options.ts';
export type { ConnectionState, RetryWait } from './connection/connection.ts';
export type { ClientEvent, EventStream, EventsOptions } from './follow/event-stream.ts';
export type { Followed, FollowedHandle } from './follow/followed-value.ts';
export type { LiveValue } from './live-value.ts';
export type { ProtocolViolation, ViolationKind } from './protocol-violation.ts';
export type { SendOptions, Session } from './session/session.ts';
export type { ListedSession } from './session/session-list.ts';
export type { SessionMessage } from './session/session-state.ts';
export type { SessionSnapshot, SessionStatus } from './session/session-view.ts';

export type Client = {
  /** `connecting`, `live`, `reconnecting` or `closed`. */
  readonly state: LiveValue<ConnectionState>;
  /** The current wait before the next connection attempt; `undefined` while there is none. */
  readonly retry: LiveValue<RetryWait | undefined>;
  /** Ends that wait and connects at once. */
  readonly retryNow: () => void;
  /** The transport in use, or the last one used: `websocket` or `sse`. */
  readonly transport: () => TransportKind;
  /** Creates a session. Like `send`, it is retried across reconnects. */
  readonly createSession: (body: {
    readonly title: string;
    readonly description?: string;
    /** Which model answers, and how. */
    readonly options?: ModelOptions;
  }) => Promise<ChatSession>;
  /** Changes a session's title, its description (`null`: none) or options (`null`: none); resolves with the session. */
  readonly updateSession: (
    id: string,
    change: {
      readonly title?: string;
      readonly description?: string | null;
      readonly options?: UpdateModelOptions | null;
    },
  ) => Promise<ChatSession>;
  /** Archives a session; it still takes messages. */
  readonly archiveSession: (id: string) => Promise<ChatSession>;
  /** Deletes a session and what belongs to it, and cancels its answer. */
  readonly deleteSession: (id: string) => Promise<void>;
  /** All sessions, most recently changed first, each with its agent's activity. */
  readonly sessions: () => FollowedHandle<readonly ListedSession[]>;
  /** The runs of a session, oldest first: for each message, its traces and tool calls. */
  readonly runs: (sessionId: string) => FollowedHandle<readonly SessionRun[]>;
  /** The runtime config. */
  readonly config: () => FollowedHandle<RuntimeConfig>;
  /** Reads the runtime config once. Rejects with `unauthorized` at once when the key is wrong. */
  readonly readConfig: () => Promise<RuntimeConfig>;
  /** Reads a tool call once, with its whole arguments and result; `runs` has only previews. */
  readonly readToolCall: (sessionId: string, callId: string) => Promise<ToolCall>;
  /**
   * Finds sessions once. With `q`, a text to find in titles and messages, each has `snippets`; the other keys filter.
   * `before` is the last session of the page before.
   */
  readonly findSessions: (query: FindSessions) => Promise<readonly FoundSession[]>;
  /** Reads the tool calls of all sessions with a status once: `awaitingApproval` are those that wait for a person. */
  readonly readToolCalls: (query: {
    readonly status: ToolCall['status'];
    readonly limit?: number;
    readonly before?: string;
  }) => Promise<readonly ListedToolCall[]>;
  /** Reads the available models once. The `<name>/<model>` of one goes into `options.model`. */
  readonly readProviders: () => Promise<readonly ModelProvider[]>;
  /** Returns a handle of a session, which is then read and followed. Handles of one session share its state. */
  readonly session: (id: string) => Session;
  /**
   * Yields events from the moment its `subscribed` resolves: each durable event once, in the order of `seq`, across
   * reconnects. Leave the loop to end it.
   */
  readonly events: (options?: EventsOptions) => EventStream;
  /** Ends everything: iterators end, waiting commands are refused `closed`. */
  readonly close: () => void;
};

/** What to find; times are ISO 8601. */
export type FindSessions = {
  readonly q?: string | undefined;
  readonly status?: ChatSession['status'] | undefined;
  readonly activity?: SessionQuery['activity'] | undefined;
  readonly updatedAfter?: string | undefined;
  readonly updatedBefore?: string | undefined;
  readonly limit?: number | undefined;
  readonly before?: string | undefined;
};

/** A provider of models that a client can choose from. */
type Complete<Methods extends { readonly [Type in SessionCommandType]: unknown }> = Methods;

/** The method that gives each command: the compiler demands one for every command that there is. */
export type CommandMethods = Complete<{
  'session.create': Client['createSession'];
  'session.update': Client['updateSession'];
  'session.archive': Client['archiveSession'];
  'session.delete': Client['deleteSession'];
  'message.add': Session['send'];
  'turn.cancel': Session['cancel'];
  'tool.approve': Session['approve'];
  'tool.deny': Session['deny'];
}>;

export type ModelProvider = ProviderCatalogBody[number];

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
  readonly #followed = new SharedValues();
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
          this.#followed.close();
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
    return {
      state: this.#connection.state,
      retry: this.#connection.retry,
      retryNow: () => this.#connection.retryNow(),
      transport: () => this.#connection.kind,
      createSession: async (body) =>
        (await this.#order('POST', undefined, '/chat-sessions', body)) as ChatSession,
      updateSession: async (id, change) =>
        (await this.#order('PATCH', id, `/chat-sessions/${id}`, change)) as ChatSession,
      archiveSession: async (id) =>
        (await this.#order('PATCH', id, `/chat-sessions/${id}/archive`)) as ChatSession,
      deleteSession: async (id) => {
        await this.#order('DELETE', id, `/chat-sessions/${id}`);
      },
      sessions: () => this.#follow('sessions', followedSessions(this.#rest)),
      runs: (id) => this.#follow(`runs ${id}`, followedRuns(this.#rest, id as SessionId)),
      config: () => this.#follow('config', followedConfig(this.#rest)),
      readConfig: async () => (await this.#read('/config')) as RuntimeConfig,
      readToolCall: async (id, callId) =>
        (await this.#read(`/chat-sessions/${id}/tool-calls/${callId}`)) as ToolCall,
      findSessions: async (query) => (await this.#read('/chat-sessions', query)) as readonly FoundSession[],
      readToolCalls: async (query) => (await this.#read('/tool-calls', query)) as readonly ListedToolCall[],
      readProviders: async () => (await this.#read('/providers/catalog')) as readonly ModelProvider[],
      session: (id) => this.#session(id as SessionId),
      events: (options = {}) => this.#events(options),
      close: () => this.#connection.close(),
    };
  }

  #read(path: string, query: object = {}): Promise<unknown> {
    const given = Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    );
    const suffix = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
    return this.#rest.request({ method: 'GET', path: path + suffix });
  }

  /** Sends a command over REST with a key of its own. Commands of one session keep their order. */
  #order(
    method: 'POST' | 'PATCH' | 'DELETE',
    session: string | undefined,
    path: string,
    body?: object,
  ): Promise<unknown> {
    const key = this.#settings.newId();
    return this.#commands.run({
      lane: session as SessionId | undefined,
      rest: { method, path, key, ...(body === undefined ? {} : { body }) },
    });
  }

  #follow<Value>(key: string, following: Following<Value>): FollowedHandle<Value> {
    const handle = this.#followed.handle(
      key,
      () => new FollowedValue(following, { ...this.#settings, subscriptions: this.#subscriptions }),
    );
    if (this.#connection.state.value === 'closed') this.#followed.close();
    return handle;
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
    const { messagesMax } = this.#settings;
    const read = this.#rest.session.bind(this.#rest);
    return { ...this.#settings, messagesMax, subscriptions: this.#subscriptions, read };
  }

  #events(options: EventsOptions): EventStream {
    const { stream, end } = openEventStream(options, {
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
