/**
 * Why the server closes a WebSocket. The range tells a client what to do (docs/protocol.md C6): 4000–4499 reconnect
 * with backoff, 4500–4999 do not.
 *
 * An oversize frame and invalid UTF-8 have no code here: the transport drops those connections, and the client sees
 * 1006 (SPEC [WS7], [WS8]).
 */
export const closeCodes = {
  serverShutdown: { code: 4000, reason: 'server is shutting down' },
  stalledReader: { code: 4001, reason: 'reader does not drain' },
  /** Baseline sockets only: `callboard.v1` says `resync` instead. */
  eventsLost: { code: 4002, reason: 'missed events are no longer kept' },
  storageUnavailable: { code: 4003, reason: 'storage is not available' },
  /** A bug in the server. */
  internal: { code: 4004, reason: 'internal error' },
  /** The client needs another token. */
  tokenEnded: { code: 4005, reason: 'the token has ended' },
  /** Its key is no longer good, or was made before the server asked for credentials. */
  revoked: { code: 4500, reason: 'the credentials were revoked' },
} as const;

export type CloseName = keyof typeof closeCodes;
export type CloseCode = (typeof closeCodes)[CloseName];
