/** What is known of whoever makes a request, and the kinds of credentials that tell it (docs/security.md). */
import type { Principal } from '../../../schema/principal.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { CloseName } from '../../../schema/wire/close-codes.ts';

export type Authentication = {
  readonly principal: Principal;
  /** What it rests on: once one of these is revoked, connections end. */
  readonly credentials: readonly string[];
  /** When it ends, and how connections are closed then; `null`: it does not end. */
  readonly end: { readonly at: Milliseconds; readonly close: CloseName } | null;
  /** Under whose name the names of commands are kept ([CMD1]). */
  readonly commandOwner: string;
};

/** The places of a request that may hold a credential. A header's value is empty when the header is absent. */
export type CredentialBearer = {
  readonly header: (name: 'x-api-key' | 'api-key' | 'authorization' | 'sec-websocket-protocol') => string;
  /** Whom `X-Callboard-Act-As` names; an empty name is nobody's, and refused. `null`: there is no such header. */
  readonly actsAs: string | null;
  readonly query: URLSearchParams;
};

/** One kind of credential. `undefined`: it is none of this kind. Never rejects. */
export type CredentialKind = {
  readonly judge: (
    credential: string,
  ) => Outcome<Authentication> | undefined | Promise<Outcome<Authentication> | undefined>;
};

export const invalidCredentials = refused(refusal('unauthorized', 'Invalid or missing API key'));

/** Browsers cannot set headers on a WebSocket, and offer a token as a subprotocol of this form. */
export const tokenSubprotocolPrefix = 'callboard.token.';

/** Every credential that the request carries; their order does not matter. */
export function credentialsIn({ header, query }: CredentialBearer): readonly string[] {
  const [, bearer = ''] = /^Bearer +(.+)$/i.exec(header('authorization')) ?? [];
  const offered = header('sec-websocket-protocol')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.startsWith(tokenSubprotocolPrefix))
    .map((name) => name.slice(tokenSubprotocolPrefix.length));
  const given = [header('x-api-key'), header('api-key'), bearer, ...offered.slice(0, 1)];
  return [...given, query.get('apiKey') ?? '', query.get('api_key') ?? ''].filter((key) => key !== '');
}

export function authenticated(
  principal: Principal,
  rest: Pick<Authentication, 'credentials' | 'end'> & { readonly commandOwner?: string },
): Outcome<Authentication> {
  return accepted({ commandOwner: commandOwnerOf(principal), ...rest, principal });
}

/** Unlike the digest of a key, it stays the same when the key is rotated. */
export function commandOwnerOf({ id, tenant }: Principal): string {
  return JSON.stringify([tenant, id]);
}
