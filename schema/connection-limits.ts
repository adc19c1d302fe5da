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
  /** A token in a request, characters. Longer ones are not looked at. */
  tokenCharactersMax: 8192,
  /** Sessions that a principal may be narrowed to. More: the token is refused. */
  tokenSessionsMax: 100,
  /** How long a connection token lasts that says nothing of it, and may last, seconds. */
  tokenSeconds: 3600,
  tokenSecondsMin: 10,
  tokenSecondsMax: 86_400,
  /** Keys of `jwt.keys`. More: the config is not valid. */
  jwtKeysMax: 100,
  /** One of these keys, characters. More: the config is not valid. */
  jwtKeyCharactersMax: 16_384,
  /** How long the keys of an issuer may take to arrive, ms; requests that need them wait, then get 503. */
  jwksFetchMs: 5000,
  /** All of them together. More: they are not taken. */
  jwksBytesMax: 1024 * 1024,
  /** How long the embedding program may take to say who makes a request, ms. Then 503. */
  authenticateMsMax: 2000,
  /** Connections whose credentials end are looked for this often at most, ms. */
  credentialSweepMs: 250,
  /**
   * Nesting of any JSON that a client sends, in a body, a frame or a line, and of what a provider answers. Deeper: 400 or
   * `json_too_deep`, and it is not parsed; of a provider, no JSON.
   */
  jsonDepthMax: 256,
  /** Greatest legal `streamFlushMs`, ms. More: refused at start. */
  streamFlushMsMax: 1000,
  /** A baseline socket is pinged this often, ms. Proxies cut connections that are silent for 60 s. */
  pingMs: 20_000,
  /** Sockets that are pinged in one tick. */
  pingBatchSockets: 500,
} as const;
