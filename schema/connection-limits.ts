/** Bounds on who connects. They are part of `limits` (`limits.ts`). */

export const connectionLimits = {
  /** Open WebSockets and SSE streams of one process. More: 503, retryable. */
  connectionsMax: 100_000,
  /** Entries of `allowedHosts`, and of `allowedOrigins`. More: the config is not valid. */
  allowedHostsMax: 100,
  allowedOriginsMax: 100,
  /** One of these entries, characters. More: the config is not valid. */
  allowedOriginCharactersMax: 300,
  /** A host or an origin in the refusal of its request, UTF-16 units. More: cut. */
  refusedOriginUnitsMax: 300,
  /** Refusals of hosts and origins that the log tells, each once. More: none, so that a page cannot fill the log. */
  refusedOriginsLogged: 16,
  /** Descriptors that are not for connections which stay: files, calls of models, requests. At most half of them. */
  descriptorReserve: 128,
  /** Descriptors that are for no connection at all. At most a quarter of them. More connections: closed at once. */
  descriptorReserveLeast: 64,
} as const;
