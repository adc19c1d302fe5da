/** The embedding program says who makes a request: `startCallboard({ authenticate })` ([HOOK1]–[HOOK3]). */
import { z } from 'zod';
import type { Clock, Log } from '../../../actors/ports.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { participantIdSchema } from '../../../schema/participant.ts';
import { type Scope, scopeSchema, tenantSchema } from '../../../schema/principal.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { boundedText } from '../../../schema/validation.ts';
import { type AllowedOrigin, isAllowedOrigin } from '../../origins/allowed-origin.ts';
import { isOfOtherOrigin } from '../../origins/cross-origin.ts';
import { type Authentication, authenticated } from './authentication.ts';

/** A request, as the program sees it. */
export type ProgramRequest = {
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  /** By lower-case name; several of one name are joined with `, `, cookies with `; `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends when the program has taken too long. */
  readonly signal: AbortSignal;
};

export type ProgramPrincipal = {
  /** The program's own name for it; the principal's id is `app:<id>`. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly tenant?: string | undefined;
  /** Default: `chat`. */
  readonly scopes?: readonly Scope[] | undefined;
  /** It is narrowed to these sessions. */
  readonly sessions?: readonly string[] | undefined;
  /** When sockets and streams must come back; absent: never. */
  readonly expiresAt?: Date | undefined;
};

/** `null`: nobody that the program knows. Throwing, or taking over 2 s, refuses the request with 503. */
export type AuthenticateHook = (
  request: ProgramRequest,
) => ProgramPrincipal | null | Promise<ProgramPrincipal | null>;

const principalSchema = z.strictObject({
  id: z.string().min(1),
  name: boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax }).optional(),
  tenant: tenantSchema.optional(),
  scopes: z.array(scopeSchema).default(['chat']),
  sessions: z.array(sessionIdSchema).max(limits.tokenSessionsMax).optional(),
  expiresAt: z.date().optional(),
});

/** The parts of a request that the hook is asked with. */
export type AskedRequest = {
  readonly method: string;
  readonly path: string;
  readonly header: (name: 'origin' | 'host' | 'sec-fetch-site') => string;
  readonly allHeaders: () => Readonly<Record<string, string>>;
};

export type ProgramHookOptions = {
  readonly hook: AuthenticateHook;
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
};

const silent = refused(refusal('unavailable', 'It cannot be found out now who makes this request'));

/** `null`: the program knows nobody who makes this request. Never rejects. */
export type AskProgram = (request: AskedRequest) => Promise<Outcome<Authentication> | null>;

export function programHook({ hook, allowedOrigins, clock, log }: ProgramHookOptions): AskProgram {
  return async (request) => {
    const headers = request.allHeaders();
    const outcome = await askInTime({ method: request.method, path: request.path, headers });
    if (!outcome.ok || outcome.value === null) return outcome.ok ? null : outcome;
    const known = principalSchema.safeParse(outcome.value);
    const id = participantIdSchema.safeParse(known.success ? `app:${known.data.id}` : '');
    if (!known.success || !id.success) {
      log.error('authenticate named a principal that cannot be one', {
        issues: known.success ? 'its id is too long' : z.prettifyError(known.error),
      });
      return silent;
    }
    // A browser sends cookies with whatever any page asks for.
    if (headers['cookie'] !== undefined && isOfForeignPage(request)) {
      return refused(
        refusal(
          'forbidden',
          'A page of another origin must not use the cookies of this one; "allowedOrigins" names those that may',
        ),
      );
    }
    const { name = null, tenant = null, scopes, sessions, expiresAt } = known.data;
    return authenticated(
      {
        id: id.data,
        name,
        tenant,
        scopes: new Set(scopes),
        sessions: sessions === undefined ? null : new Set(sessions),
      },
      {
        credentials: [],
        end: expiresAt === undefined ? null : { at: expiresAt.getTime(), close: 'tokenEnded' },
      },
    );
  };

  function isOfForeignPage({ header }: AskedRequest): boolean {
    const origin = header('origin');
    if (isAllowedOrigin(origin, allowedOrigins)) return false;
    return isOfOtherOrigin(origin, header('host')) || header('sec-fetch-site') === 'cross-site';
  }

  async function askInTime(
    request: Omit<ProgramRequest, 'signal'>,
  ): Promise<Outcome<ProgramPrincipal | null>> {
    const late = new AbortController();
    const tooLate = Promise.withResolvers<Outcome<never>>();
    const cancel = clock.after(limits.authenticateMsMax, () => {
      log.error(`authenticate took more than ${limits.authenticateMsMax} ms`, { path: pathOf(request) });
      late.abort();
      tooLate.resolve(silent);
    });
    try {
      const asked = Promise.resolve(hook({ ...request, signal: late.signal }));
      return await Promise.race([asked.then(accepted), tooLate.promise]);
    } catch (error) {
      log.error('authenticate failed', { path: pathOf(request), error: String(error) });
      return silent;
    } finally {
      cancel();
    }
  }
}

/** Without the query string, which may hold a key. */
function pathOf({ path }: Pick<ProgramRequest, 'path'>): string {
  return path.split('?', 1)[0] ?? '';
}
