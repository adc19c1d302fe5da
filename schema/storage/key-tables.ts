/** The tables of keys, and of whether requests need one. They are part of `tables.ts`. */
import type { KeyId } from '../ids.ts';
import type { PrincipalId } from '../principal.ts';
import type { Milliseconds } from '../timestamp.ts';

/** Keys that the store keeps; their secrets are nowhere. Revoked and expired ones stay as long as there is room. */
export type ApiKeysTable = {
  id: KeyId;
  name: string;
  /** JSON text: an array of scopes. */
  scopes: string;
  tenant: string | null;
  created_at: Milliseconds;
  created_by: PrincipalId;
  expires_at: Milliseconds | null;
  revoked_at: Milliseconds | null;
  /** Written at most once a minute, and not journaled. */
  last_used_at: Milliseconds | null;
  /** Counts the key's secrets, from 1. */
  secret_version: number;
  /** The SHA-256 of the newest secret, base64url. */
  digest: string;
  /** The secret before it and until when it is good, as JSON text; null: it is not. */
  previous: string | null;
};

/** One row, `id` = 1, once a key was made or the server was started with some: from then on it stays closed ([KEY9]). */
export type AuthenticationTable = { id: number; since: Milliseconds };
