/** Bounds on turns that wait for an outside agent. They are part of `limits` (`limits.ts`). */

export const turnOfferLimits = {
  /** The name of an outside agent, characters. Longer: refused. */
  agentNameCharactersMax: 120,
  /** How long a turn waits for an outside agent unless configured, ms (`claimMsMax`). Longer: it fails. */
  claimMsMax: 10 * 60_000,
  /** Greatest legal `claimMsMax`, ms. */
  claimMsLegalMax: 7 * 24 * 60 * 60_000,
} as const;
