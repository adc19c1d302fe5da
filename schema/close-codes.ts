/**
 * Why the server closes a WebSocket. The range tells a client what to do (protocol C6): 4000–4499 reconnect with
 * backoff, 4500–4999 do not.
 */
export const closeCodes = {
  serverShutdown: { code: 4000, reason: 'server is shutting down' },
  slowReader: { code: 4001, reason: 'reader too slow' },
} as const;

export type CloseName = keyof typeof closeCodes;
