/**
 * `Idempotency-Key`: the client's name for a command, so that sending the command again has no second effect (SPEC
 * [CMD1]).
 */
import { createHash } from 'node:crypto';
import type { Named } from '../../../actors/door/command-door.ts';
import { limits } from '../../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';

/** The parts of a request that decide whether it is a repetition. */
export type NameableRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly header: (name: 'idempotency-key') => string;
};

/**
 * The command's name, or `undefined` when the client gave none. The same name under another owner is another name.
 * The fingerprint covers method, path and body, so a name reused for another request is noticed.
 */
export function namedRequest(request: NameableRequest, owner: string, body: Uint8Array): Outcome<Named> {
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
