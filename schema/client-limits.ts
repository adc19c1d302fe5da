/** Bounds on what one client may have. They are part of `limits` (`limits.ts`); settings set most of them. */

export const clientLimits = {
  /** Requests per minute of one address, and of one principal, unless configured: 10,000 a second. More: 429. */
  requestsPerMinute: 600_000,
  /** Commands per minute of one principal unless configured: 5,000 a second. More: 429. */
  commandsPerMinute: 300_000,
  /** Wrong credentials per minute of one address unless configured. More: 429 for all credentials that it sends. */
  failedLoginsPerMinute: 60,
  /** Greatest legal number of a limit per client; 0: no bound. */
  clientLimitLegalMax: 1_000_000_000_000,
  /** Entries of `trustedProxies`. More: the config is not valid. */
  trustedProxiesMax: 100,
  /** Addresses in `X-Forwarded-For` that are looked at, from the right. More: the last one looked at counts. */
  forwardedAddressesMax: 32,
  /** Addresses that need not be read again. More: all are forgotten. */
  addressesReadMax: 10_000,
  /** Characters of an address that is kept as read. More: it is read each time. */
  addressCharactersMax: 64,
  /** Addresses or principals that are counted apart at a time. More: whole networks are counted as one. */
  countedKeysMax: 100_000,
  /** Kinds and clients whose refusals are told apart in one minute. More: the rest is told as one for each kind. */
  refusalLinesMax: 1000,
  /** How often refusals by limits are told, ms. */
  refusalLinesMs: 60_000,
  /** After this a client may try again what waits for something of its own to end, ms. */
  gaugeRetryMs: 1000,
  /** How often room is looked for, for sessions that left memory with turns open, ms. */
  parkedWakeMs: 1000,
  /** After this a client may try again what waits for something to be deleted, ms. */
  storedRetryMs: 60_000,
  /** Owners whose stored sessions, and whose bytes, are counted in memory. More: those of the one asked for longest ago are counted anew. */
  countedOwnersMax: 10_000,
  /** Stored sessions of one owner are counted up to here. */
  countedSessionsMax: 1_000_000_000_000,
  /** What each stored message, call and session counts beside its text, for its row, its search terms and its events. */
  storedEventBytes: 512,
  /** Owners and days whose tokens are kept in memory. More: the one used longest ago is read again. */
  tokenSpendersMax: 10_000,
  /** Up to here the tokens of one principal and day are counted: far beyond any limit, and exact in every database. */
  dayTokensMax: 1_000_000_000_000_000,
  /** How many days of spent tokens are kept, today among them. Older ones: deleted. */
  tokenDaysKept: 31,
} as const;
