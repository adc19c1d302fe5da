/** The options of `connect`, and the settings derived from them. */
import { type Backoff, backoffDefault } from '../backoff.ts';
import { type ProtocolViolation, type ReportViolation, shout } from '../protocol-violation.ts';
import { newUuid } from './random-id.ts';
import type { Fetch } from './sse-transport.ts';
import { Tokens } from './tokens.ts';
import { systemTimers, type Timers } from './transport.ts';
import type { SocketConstructor } from './websocket-transport.ts';

export type ConnectOptions = {
  /** `http://` or `https://`, with a path if the server is mounted under one. */
  readonly url: string;
  /** Sent as `?apiKey=` on the WebSocket, as `x-api-key` elsewhere. */
  readonly apiKey?: string;
  /**
   * Returns a token of the server (`POST /tokens`) or of its identity provider, for browsers, which should have no key. It is
   * called when the client needs one, and again before it ends; rejecting counts as a failed attempt. Not with `apiKey`.
   */
  readonly getToken?: () => string | Promise<string>;
  /** Called when the server breaks the protocol; the affected state is then read again. Default: `console.error`. */
  readonly onViolation?: (violation: ProtocolViolation) => void;
  /** Default: 0.5 s doubling to 30 s, each wait anywhere from 0 to that. */
  readonly backoff?: Backoff;
  /** How many WebSockets may fail before the first `hello` until SSE is tried. Default 3; 0 uses SSE from the start. */
  readonly websocketFailuresMax?: number;
  /** How long the client waits for the server's hello after opening a connection, ms. Default 10,000. */
  readonly connectMs?: number;
  /** After this much silence a connection counts as dead, ms. Default: twice the server's heartbeat plus a second. */
  readonly silenceMs?: number;
  /** How long an HTTP request may take before it is given up and retried, ms. Default 15,000. */
  readonly requestMs?: number;
  /** How many messages of a session are kept; the newest ones are. Default 5,000. */
  readonly messagesMax?: number;
  /**
   * How many events may wait for the reader of an event stream. Default 10,000; beyond that a `resync` replaces them.
   */
  readonly eventsMax?: number;
  /** How many commands may wait for a connection or an answer. Default 256; more are refused `client_busy`. */
  readonly commandsMax?: number;
  /** Default: the global `WebSocket`; if there is none, SSE is used. */
  readonly WebSocket?: SocketConstructor;
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** For tests. */
  readonly timers?: Timers;
  /** Returns a number from 0 up to but not including 1. For tests. */
  readonly random?: () => number;
  /** Makes the ids of commands and messages; they must be UUIDs. */
  readonly newId?: () => string;
};

export type ClientSettings = {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly tokens: Tokens | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly report: ReportViolation;
  readonly backoff: Backoff;
  readonly websocketFailuresMax: number;
  readonly connectMs: number;
  readonly silenceMs: number | undefined;
  readonly requestMs: number;
  readonly messagesMax: number;
  readonly eventsMax: number;
  readonly commandsMax: number;
  readonly WebSocket: SocketConstructor | undefined;
  readonly fetch: Fetch;
  readonly timers: Timers;
  readonly random: () => number;
  readonly newId: () => string;
};

/** Throws when the URL is not valid. */
export function settingsOf(options: ConnectOptions): ClientSettings {
  const url = new URL(options.url);
  if (!/^https?:$/.test(url.protocol))
    throw new TypeError(`connect: ${options.url} is not http:// or https://`);
  const { apiKey, getToken } = options;
  if (apiKey !== undefined && getToken !== undefined) throw new TypeError('connect: apiKey or getToken');
  const tokens = getToken && new Tokens(getToken);
  const fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const WebSocket = options.WebSocket ?? globalThis.WebSocket;
  return {
    url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    apiKey,
    tokens,
    headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    report: options.onViolation ?? shout,
    backoff: options.backoff ?? backoffDefault,
    websocketFailuresMax: WebSocket === undefined ? 0 : (options.websocketFailuresMax ?? 3),
    connectMs: options.connectMs ?? 10_000,
    silenceMs: options.silenceMs,
    requestMs: options.requestMs ?? 15_000,
    messagesMax: options.messagesMax ?? 5000,
    eventsMax: options.eventsMax ?? 10_000,
    commandsMax: options.commandsMax ?? 256,
    WebSocket,
    fetch: tokens === undefined ? fetch : tokens.authorized(fetch),
    timers: options.timers ?? systemTimers,
    random: options.random ?? Math.random,
    newId: options.newId ?? newUuid,
  };
}
