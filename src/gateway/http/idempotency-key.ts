/**
 * `Idempotency-Key`: the client's name for a command, so that sending the command again has no second effect (SPEC
 * [CMD1]).
 */
import { createHash } from 'node:crypto';
import type { Named } from '../../../actors/door/command-door.ts';
import { limits } from '../../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { type KeyBearer, keysIn } from './api-key.ts';

/** The parts of a request that decide whether it is a repetition. */
export type NameableRequest = KeyBearer & {
  readonly method: string;
  readonly pathname: string;
  readonly header: (name: 'idempotency-key' | 'x-api-key' | 'api-key' | 'authorization') => string;
};

/**
 * The command's name, or `undefined` when the client gave none. The same name under another API key is another name.
 * The fingerprint covers method, path and body, so a name reused for another request is noticed.
 */
export function namedRequest(request: NameableRequest, body: Uint8Array): Outcome<Named> {
  const given = request.header('idempotency-key');
  if (given === '') return { ok: true, value: undefined };
  if (given.length > limits.idempotencyKeyCharactersMax) {
    return refused(
      refusal(
        'bad_request',
        `Idempotency-Key must not be longer than ${limits.idempotencyKeyCharactersMax} characters`,
      ),
    );
  }
  const owner = digest(keysIn(request).toSorted().join('\n')).slice(0, 16);
  const path = request.pathname.replace(/\/$/, '');
  return {
    ok: true,
    value: { key: `${owner} ${given}`, fingerprint: digest(`${request.method} ${path}\n`, body) },
  };
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
}
