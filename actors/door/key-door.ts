/** The part of the command door that is about stored keys. */
import type { KeyRing } from '../../machines/key-ring.ts';
import type { Idempotency } from '../../schema/commands.ts';
import type { KeyId } from '../../schema/ids.ts';
import type { Principal } from '../../schema/principal.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type { CreateKey, KeyFact, RotateKey } from '../../schema/stored-key.ts';

/** A key and its new secret; `null`: the answer repeats an earlier one. */
export type KeyAnswer = { readonly key: KeyFact; readonly secret: string | null };

/** Each command says who gives it. */
export type KeyDoor = {
  /** Answers with the secret, which no later answer has. */
  readonly createKey: (
    body: CreateKey,
    by: Principal,
    named?: Idempotency | undefined,
  ) => Promise<Outcome<KeyAnswer>>;
  /** Idempotent. */
  readonly revokeKey: (
    id: KeyId,
    by: Principal,
    named?: Idempotency | undefined,
  ) => Promise<Outcome<KeyFact>>;
  /** Answers with the new secret, like `createKey`. */
  readonly rotateKey: (
    id: KeyId,
    body: RotateKey,
    by: Principal,
    named?: Idempotency | undefined,
  ) => Promise<Outcome<KeyAnswer>>;
  /** The last committed ones, in the order in which they were made. */
  readonly storedKeys: () => KeyRing;
};
