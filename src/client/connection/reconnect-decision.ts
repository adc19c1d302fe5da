/** What follows the end of a connection, decided without doing it. */

export type TransportKind = 'websocket' | 'sse';

/** How a connection, or an attempt at one, ended. */
export type Ended = {
  /** The close code of a WebSocket; `undefined` for SSE. */
  readonly code?: number | undefined;
  /** Present when trying again is useless: a wrong key, say. */
  readonly fatal?: Error | undefined;
};

/** The range says it: 4500–4999 do not come back (protocol C6). Everything else is worth another attempt. */
export function isFinalCode(code: number | undefined): boolean {
  return code !== undefined && code >= 4500 && code <= 4999;
}

export type TransportHistory = {
  /** Did a WebSocket of this client ever carry a `hello`? Then they are not blocked, and it stays with them. */
  readonly websocketWorked: boolean;
  /** Attempts at a WebSocket that failed before that, since SSE was last tried. */
  readonly websocketFailures: number;
  /** Did the last SSE stream carry one? */
  readonly sseWorked: boolean;
};

export const noHistory: TransportHistory = { websocketWorked: false, websocketFailures: 0, sseWorked: false };

/**
 * After `failuresMax` WebSockets that came to nothing, SSE is tried. A stream that worked is tried again when it ends;
 * one that did not gives WebSockets another round: then it was the server that was away.
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
