/** Decides what to do after a connection has ended; it does not do it. */

export type TransportKind = 'websocket' | 'sse';

/** How a connection, or an attempt at one, ended. */
export type Ended = {
  /** The close code of a WebSocket; `undefined` for SSE. */
  readonly code?: number | undefined;
  /** Present when another attempt is useless, for example because the key is wrong. */
  readonly fatal?: Error | undefined;
  /** When the server said that another attempt may be made, ms; absent: it said nothing. */
  readonly retryAfterMs?: number | undefined;
};

/** Codes 4500–4999 mean "do not come back" (docs/protocol.md C6). After any other end, another attempt is worthwhile. */
export function isFinalCode(code: number | undefined): boolean {
  return code !== undefined && code >= 4500 && code <= 4999;
}

export type TransportHistory = {
  /**
   * Whether a WebSocket of this client has ever received a `hello`. Then nothing blocks WebSockets, and SSE is not
   * tried.
   */
  readonly websocketWorked: boolean;
  /** How many WebSockets failed before their `hello` since SSE was last tried. */
  readonly websocketFailures: number;
  /** Whether the last SSE stream received a `hello`. */
  readonly sseWorked: boolean;
};

export const noHistory: TransportHistory = { websocketWorked: false, websocketFailures: 0, sseWorked: false };

/**
 * After `failuresMax` failed WebSockets, SSE is tried. When an SSE stream that worked ends, SSE is tried again. When
 * it did not work, the server was probably away, so WebSockets get another round.
 */
export function nextTransport(history: TransportHistory, failuresMax: number): TransportKind {
  if (history.websocketWorked) return 'websocket';
  return history.sseWorked || history.websocketFailures >= failuresMax ? 'sse' : 'websocket';
}

export function historyAfter(
  history: TransportHistory,
  kind: TransportKind,
  worked: boolean,
): TransportHistory {
  if (kind === 'sse') return { ...history, sseWorked: worked, websocketFailures: 0 };
  return worked
    ? { ...history, websocketWorked: true, websocketFailures: 0 }
    : { ...history, websocketFailures: history.websocketFailures + 1 };
}
