/** Bounds on stored keys and on the audit. They are part of `limits` (`limits.ts`). */

export const keyLimits = {
  /** Stored keys. More: the oldest revoked or expired one makes room, else 409. */
  storedKeysMax: 10_000,
  /** Greatest legal overlap of a rotation, s: how long the old secret stays good. */
  keyOverlapSecondsMax: 7 * 24 * 60 * 60,
  /** How often the last uses of stored keys are written, ms. Those since then are lost when the process is killed. */
  keyUseWriteMs: 60_000,
  /** Entries of the audit in one answer, unless the client says how many; and the most of them. */
  auditPage: 100,
  auditPageMax: 1000,
  /** What the answer to an administrator's command over the Unix socket may take, ms. Longer: the command line says so. */
  adminAnswerMs: 15_000,
  /** API keys of one server. More: the server does not start. */
  apiKeysMax: 1000,
  /** One API key, characters. More: the server does not start. */
  apiKeyCharactersMax: 512,
} as const;
