/**
 * Why the server closes a WebSocket. The range tells a client what to do (protocol C6): 4000–4499 reconnect with
 * backoff, 4500–4999 do not.
 *
 * A reader that is too slow, an oversize frame and invalid UTF-8 have no code here: the transport drops those
 * connections, and the client sees 1006 (SPEC [WS7]–[WS9]).
 */
export const closeCodes = {
  stalledReader: { code: 4001, reason: 'reader does not drain' },
  serverShutdown: { code: 4000, reason: 'server is shutting down' },
} as const;

export type CloseName = keyof typeof closeCodes;
