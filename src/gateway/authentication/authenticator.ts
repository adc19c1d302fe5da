/**
 * Who makes a request: the one place that decides it, for REST, WebSockets and SSE alike (SPEC [AUTH1]–[AUTH10]). A request
 * is of the principal that its credentials name; else of the one that the embedding program names; else it is refused. On a
 * server that asks for no credentials it is `local`.
 */
import { participantIdSchema } from '../../../schema/participant.ts';
import { hasScope, local, operatorId, type Principal, type Scope } from '../../../schema/principal.ts';
import { accepted, missingScope, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import {
  type Authentication,
  authenticated,
  type CredentialBearer,
  type CredentialKind,
  credentialsIn,
  invalidCredentials,
} from './authentication.ts';
import type { AskedRequest, AskProgram } from './program-hook.ts';

/** A request, as far as it tells who makes it. */
export type AuthenticatedRequest = CredentialBearer & AskedRequest;

export type Authenticator = {
  /** Whether requests without credentials are served, all as `local`. */
  readonly isOpen: () => boolean;
  /** Whether the embedding program is asked, which may look at any header. */
  readonly needsAllHeaders: boolean;
  /** Never rejects. */
  readonly authenticate: (
    request: AuthenticatedRequest,
  ) => Outcome<Authentication> | Promise<Outcome<Authentication>>;
  /** Judges one credential by itself. */
  readonly judge: (credential: string) => Outcome<Authentication> | Promise<Outcome<Authentication>>;
};

export type AuthenticatorOptions = {
  readonly isOpen: () => boolean;
  readonly kinds: readonly CredentialKind[];
  readonly program?: AskProgram | undefined;
};

/** A principal named by a trusted back end has at most these, and never more than the back end. */
const scopesOfNamed: readonly Scope[] = ['chat', 'read', 'roles'];

/** Of everybody on a server that asks for no credentials, and of every request to what needs none. */
export const asLocal: Authentication = {
  principal: local,
  credentials: [local.id],
  end: null,
  // The digest of no key.
  commandOwner: '47DEQpj8HBSa-_TI',
};
export const localAuthentication: Outcome<Authentication> = accepted(asLocal);

export function createAuthenticator({ isOpen, kinds, program }: AuthenticatorOptions): Authenticator {
  function judge(credential: string): Outcome<Authentication> | Promise<Outcome<Authentication>> {
    const waiting: Promise<Outcome<Authentication> | undefined>[] = [];
    for (const kind of kinds) {
      const judged = kind.judge(credential);
      if (judged instanceof Promise) waiting.push(judged);
      else if (judged !== undefined) return judged;
    }
    if (waiting.length === 0) return invalidCredentials;
    return Promise.all(waiting).then(
      (all) =>
        all.find((one) => one?.ok === true) ?? all.find((one) => one !== undefined) ?? invalidCredentials,
    );
  }

  function judgeAll(
    credentials: readonly string[],
  ): Outcome<Authentication> | Promise<Outcome<Authentication>> {
    const [only] = credentials;
    if (credentials.length === 1 && only !== undefined) return judge(only);
    const judged = credentials.map(judge);
    const known = judged.flatMap((one) => (one instanceof Promise ? [] : [one]));
    if (known.length === judged.length) return widest(known);
    return Promise.all(judged).then(widest);
  }

  async function askProgram(
    ask: AskProgram,
    request: AuthenticatedRequest,
    judged: Outcome<Authentication> | Promise<Outcome<Authentication>>,
  ): Promise<Outcome<Authentication>> {
    const byCredentials = await judged;
    if (byCredentials.ok) return byCredentials;
    return (await ask(request)) ?? byCredentials;
  }

  return {
    isOpen,
    needsAllHeaders: program !== undefined,
    judge,
    authenticate(request) {
      if (isOpen()) return localAuthentication;
      const credentials = credentialsIn(request);
      const judged = judgeAll(credentials);
      const known =
        program === undefined || (!(judged instanceof Promise) && judged.ok)
          ? judged
          : askProgram(program, request, judged);
      const { actsAs: named } = request;
      if (named === null) return known;
      return known instanceof Promise
        ? known.then((outcome) => actingAs(named, outcome))
        : actingAs(named, known);
    },
  };
}

function widest(all: readonly Outcome<Authentication>[]): Outcome<Authentication> {
  const [first, ...others] = all;
  return first === undefined ? invalidCredentials : others.reduce(wider, first);
}

/** A request may carry several credentials: the one that allows more counts. */
function wider(one: Outcome<Authentication>, other: Outcome<Authentication>): Outcome<Authentication> {
  if (!other.ok) return one;
  if (!one.ok) return other;
  return one.value.principal.scopes.size >= other.value.principal.scopes.size ? one : other;
}

/** Whoever has `act-as` makes the request in the name of somebody else of its own tenant ([AUTH9]). */
function actingAs(named: string, known: Outcome<Authentication>): Outcome<Authentication> {
  if (!known.ok) return known;
  const { principal: caller, credentials, end } = known.value;
  if (!hasScope(caller, 'act-as')) return refused(missingScope('act-as'));
  const principal = principalNamedBy(caller, { id: named });
  if (!principal.ok) return principal;
  return authenticated(principal.value, { credentials, end });
}

/** Somebody in whose name the caller acts, or lets a token act; without `scopes`, with those that such a principal has. */
export function principalNamedBy(
  caller: Principal,
  given: {
    readonly id: string;
    readonly scopes?: readonly Scope[] | undefined;
    readonly name?: string | undefined;
  },
): Outcome<Principal> {
  const id = participantIdSchema.safeParse(given.id);
  if (!id.success || id.data === local.id || id.data === operatorId) {
    return refused(refusal('bad_request', 'No principal can have this id'));
  }
  const { tenant, sessions } = caller;
  const scopes = (given.scopes ?? scopesOfNamed).filter((scope) => hasScope(caller, scope));
  return accepted({ id: id.data, name: given.name ?? null, tenant, scopes: new Set(scopes), sessions });
}
