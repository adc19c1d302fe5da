/**
 * REST: turns each request into its one answer. The checks come in the order of SPEC [HTTP3]: the body can be parsed,
 * the route exists, the key, the body and the query are valid, the id is a UUID, and the thing it names exists.
 */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Admission } from '../../../actors/fair-admission.ts';
import { type Clock, JournalUnavailable, type Log } from '../../../actors/ports.ts';
import { refusalToMakeSessions } from '../../../schema/authorization.ts';
import { isBaselineNamespace } from '../../../schema/event-table.ts';
import { limits } from '../../../schema/limits.ts';
import { hasScope, type Principal } from '../../../schema/principal.ts';
import { missingScope, type Outcome, type Refusal, refusal, refused } from '../../../schema/refusal.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { turnCommandTable } from '../../../schema/turn-command-table.ts';
import { assert } from '../../../schema/unreachable.ts';
import { isOfOtherOrigin, preflightHeaders } from '../../origins/cross-origin.ts';
import type { WebPages } from '../../pages/web-pages.ts';
import { resourceOfPath } from '../access/authorize.ts';
import type { Authentication } from '../authentication/authentication.ts';
import { localAuthentication } from '../authentication/authenticator.ts';
import { type ArrivingBody, arrivingBody, BodyCutOff, isThrownAway } from '../http/arriving-body.ts';
import { type AuthenticatedRequests, whileAuthenticated } from '../http/authenticated-requests.ts';
import { BodyRoom, type HeldRoom } from '../http/body-room.ts';
import type { ClientAddresses } from '../http/client-address.ts';
import { type Answer, type HttpExchange, jsonBody, openHttpExchange } from '../http/http-exchange.ts';
import { namedRequest } from '../http/idempotency-key.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { parsedBody, readBody } from '../http/request-body.ts';
import type { GatewayServices, Route, RouteOutcome, RouteResponse, UploadRequest } from '../http/route.ts';
import { type RouteMatch, routeMatcher } from '../http/route-match.ts';
import { failedPageAnswer, webAnswer } from '../http/web-answer.ts';
import type { ClientLimits } from '../limits/client-limits.ts';
import type { LimitedAuthenticator } from '../limits/limited-logins.ts';
import type { SseStreams } from '../sse/sse-streams.ts';
import { StreamedList, sendList } from './streamed-list.ts';

export type RestHandlerOptions = {
  readonly routes: readonly Route[];
  readonly services: GatewayServices;
  readonly sseStreams: Pick<SseStreams, 'open'>;
  /** Those that take long, which end with what they rest on. */
  readonly longRequests: AuthenticatedRequests;
  /** Pages for browsers; absent: the server has none. */
  readonly pages?: Pick<WebPages, 'find'> | undefined;
  readonly authenticator: LimitedAuthenticator;
  readonly addresses: ClientAddresses;
  readonly clientLimits: Pick<ClientLimits, 'requestRefusal' | 'commandRefusal'>;
  readonly origins: OriginPolicy;
  readonly log: Log;
  readonly timestamp: () => string;
  readonly keepsAllHeaders: boolean;
  readonly after: Clock['after'];
  /** Requests that change something wait for one another, when many come at once ([LIM32]). */
  readonly fairAdmission: Admission;
  /** Returns true while the gateway is closing. */
  readonly closing: () => boolean;
  /** Called when a request begins; returns the function to call when it is over. */
  readonly began: () => () => void;
};

type MaybeLater<Value> = Value | Promise<Value>;
type Upload = (services: GatewayServices, request: UploadRequest) => Promise<RouteOutcome>;

/** Handles every request that is not a WebSocket's. Never throws: uWebSockets.js would end the process. */
export function restHandler(options: RestHandlerOptions): (res: HttpResponse, req: HttpRequest) => void {
  const match = routeMatcher(options.routes);
  const room = new BodyRoom(limits.largeBodiesBytesMax);
  return (res, req) => {
    const held = room.hold();
    const answered = options.began();
    const ended = () => {
      held.release();
      answered();
    };
    const exchange = openHttpExchange(res, req, { ...options, ended });
    try {
      receive(res, exchange, held);
    } catch (error) {
      fail(exchange, error);
    }
  };

  function receive(res: HttpResponse, exchange: HttpExchange, held: HeldRoom): void {
    const found = match(exchange.method, exchange.pathname);
    const isPage = found === undefined || 'html' in found.route.response;
    const early =
      refusedEarly(exchange, options.closing()) ??
      options.clientLimits.requestRefusal(exchange.address) ??
      options.origins.refusalOf(exchange, isPage);
    if (early !== undefined) {
      exchange.refuse(early, { close: true });
    } else if (exchange.method === 'OPTIONS') {
      exchange.answer({
        status: 204,
        headers: preflightHeaders(exchange.header('access-control-request-headers')),
      });
    } else if (isUpgrade(exchange)) {
      // Namespace paths have their own handlers, which get every handshake with a well-formed WebSocket key.
      const isSocketPath = isBaselineNamespace(exchange.pathname.replace(/^\/|\/$/g, ''));
      exchange.refuse(
        isSocketPath
          ? refusal('bad_request', 'The WebSocket handshake has no sound key')
          : notFound(exchange),
      );
    } else {
      take(res, exchange, held, found);
    }
  }

  /** Receives the body as its route takes it. Before a large one, the key is checked ([HTTP23]). */
  function take(
    res: HttpResponse,
    exchange: HttpExchange,
    held: HeldRoom,
    found: RouteMatch | undefined,
  ): void {
    const takes = found?.route.takes;
    if (found === undefined || takes === undefined) {
      readBody(res, exchange, { bytesMax: limits.bodyBytesMax }, (bytes) => {
        respond(exchange, found, bytes).catch((error: unknown) => fail(exchange, error));
      });
      return;
    }
    const known = authenticationOf(exchange, found.route);
    if (!(known instanceof Promise) && !known.ok) {
      exchange.refuse(known.refusal, { close: true });
      return;
    }
    const bytesMax = takes.bytesMax(options.services);
    const { handle } = found.route;
    if (typeof handle === 'object' && 'upload' in handle) {
      // Before anything is awaited: the transport drops the parts of a body that nobody waits for.
      const body = arrivingBody(res, exchange, bytesMax);
      upload(exchange, found, handle.upload, { id: found.id, body, known }).catch((error: unknown) =>
        fail(exchange, error, { close: true }),
      );
      return;
    }
    if (known instanceof Promise) {
      known.then(
        (outcome) => {
          if (!outcome.ok) exchange.refuse(outcome.refusal, { close: true });
        },
        () => {},
      );
    }
    readBody(res, exchange, { bytesMax, room: held }, (bytes) => {
      respond(exchange, found, bytes, known).catch((error: unknown) => fail(exchange, error));
    });
  }

  function authenticationOf(exchange: HttpExchange, route: Route): MaybeLater<Outcome<Authentication>> {
    if (route.public) return localAuthentication;
    const known = options.authenticator.authenticate(exchange);
    return known instanceof Promise
      ? known.then((outcome) => allowed(outcome, exchange, route))
      : allowed(known, exchange, route);
  }

  /** Refuses whoever may not take this route. */
  function allowed(
    known: Outcome<Authentication>,
    exchange: HttpExchange,
    { scope = 'read', sameOrigin, makesSession }: Route,
  ): Outcome<Authentication> {
    if (!known.ok) return known;
    if (!hasScope(known.value.principal, scope)) return refused(missingScope(scope));
    const narrowed = makesSession === undefined ? null : refusalToMakeSessions(known.value.principal);
    if (narrowed !== null) return refused(narrowed);
    if (sameOrigin === undefined) return known;
    return isOfOtherOrigin(exchange.header('origin'), exchange.header('host'))
      ? refused(refusal('forbidden', 'A page of another origin must not do this'))
      : known;
  }

  /** Every request that changes something is a command, but the parts of an answer, which their turn bounds. */
  function commandRefusal({ method, path }: Route, principal: Principal): Refusal | null {
    if (method === 'GET' || path === turnCommandTable['turn.push'].rest.path) return null;
    return options.clientLimits.commandRefusal(principal);
  }

  /** Why the principal may not do this to what the path names. */
  async function denied({ route, id }: RouteMatch, principal: Principal): Promise<Refusal | null> {
    const kind = resourceOfPath(route.path);
    if (kind === null) return null;
    return options.services.authorize(principal, route.action ?? 'see', {
      ...{ kind, id },
      command: `${route.method} ${route.path}`,
    });
  }

  async function upload(
    exchange: HttpExchange,
    found: RouteMatch,
    answer: Upload,
    given: Pick<UploadRequest, 'id'> & {
      readonly body: ArrivingBody;
      readonly known: MaybeLater<Outcome<Authentication>>;
    },
  ): Promise<void> {
    const known = await given.known;
    if (!known.ok) {
      exchange.refuse(known.refusal, { close: true });
      return;
    }
    await whileAuthenticated(options.longRequests, { exchange, by: known.value }, () =>
      uploadBy(exchange, found, answer, { ...given, known: known.value }),
    );
  }

  async function uploadBy(
    exchange: HttpExchange,
    found: RouteMatch,
    answer: Upload,
    given: Pick<UploadRequest, 'id'> & { readonly body: ArrivingBody; readonly known: Authentication },
  ): Promise<void> {
    const { principal, commandOwner } = given.known;
    const named = namedRequest(exchange, commandOwner, Buffer.alloc(0));
    if (!named.ok) {
      exchange.refuse(named.refusal, { close: true });
      return;
    }
    const { route } = found;
    const tooMany = commandRefusal(route, principal);
    if (tooMany !== null) {
      exchange.refuse(tooMany, { close: true });
      return;
    }
    const reason = await denied(found, principal);
    if (reason !== null) return refuseUpload(exchange, refused(reason), given.body);
    let outcome: RouteOutcome;
    try {
      const { header, query } = exchange;
      const keepAlive = (interval: Milliseconds) => every(options.after, interval, given.body.touch);
      const { id, body } = given;
      const rest = { keepAlive, header, query, named: named.value };
      outcome = await answer(options.services, { id, body, principal, ...rest });
    } catch (error) {
      if (!(error instanceof BodyCutOff)) throw error;
      if (error.refusal !== null) exchange.refuse(error.refusal, { close: true });
      return;
    }
    if (outcome.ok) exchange.answer(answerOf(route.response, outcome.value));
    else await refuseUpload(exchange, outcome, given.body);
  }

  /**
   * A client that is still sending may never read what it is answered: its system drops that when the connection is
   * closed on unread bytes. So it may send the rest first, which is thrown away, unless the server has too much to do.
   */
  async function refuseUpload(
    exchange: HttpExchange,
    { refusal: reason, errors }: Extract<RouteOutcome, { readonly ok: false }>,
    body: ArrivingBody,
  ): Promise<void> {
    // A turn that is over takes nothing more, and its agent may go on sending for ever.
    const isWhole = reason.code !== 'overloaded' && reason.turn === undefined && (await isThrownAway(body));
    exchange.refuse(reason, { errors, close: !isWhole });
  }

  async function respond(
    exchange: HttpExchange,
    found: RouteMatch | undefined,
    bytes: Outcome<Buffer>,
    knownBefore?: MaybeLater<Outcome<Authentication>>,
  ): Promise<void> {
    if (!bytes.ok) {
      exchange.refuse(bytes.refusal, { close: true });
      return;
    }
    const slice = exchange.method === 'GET' ? undefined : options.fairAdmission.enter();
    if (slice !== undefined) await slice;
    const body = parsedBody(bytes.value, exchange);
    if (!body.ok) {
      exchange.refuse(body.refusal);
      return;
    }
    if (found === undefined) {
      if (!(await hasShownPage(exchange))) exchange.refuse(notFound(exchange));
      return;
    }
    const { route, id, callId, messageId, name } = found;
    const known = await (knownBefore ?? authenticationOf(exchange, route));
    if (!known.ok) {
      exchange.refuse(known.refusal);
      return;
    }
    const named = namedRequest(exchange, known.value.commandOwner, bytes.value);
    if (!named.ok) {
      exchange.refuse(named.refusal);
      return;
    }
    const { principal } = known.value;
    const reason = commandRefusal(route, principal) ?? (await denied(found, principal));
    if (reason !== null) {
      exchange.refuse(reason);
      return;
    }
    const { handle } = route;
    if (handle === 'sse') {
      await options.sseStreams.open(exchange, known.value);
      return;
    }
    if (typeof handle === 'object' && 'serve' in handle) {
      await whileAuthenticated(options.longRequests, { exchange, by: known.value }, () =>
        handle.serve(options.services, { exchange, id, principal, after: options.after }),
      );
      return;
    }
    assert(typeof handle === 'function', 'a route that reads its body itself says which bodies it takes');
    const { query } = exchange;
    const outcome = await handle(options.services, {
      id,
      callId,
      messageId,
      name,
      body: body.value,
      query,
      named: named.value,
      principal,
      by: known.value,
    });
    if (!outcome.ok) {
      exchange.refuse(outcome.refusal, { errors: outcome.errors });
    } else if (outcome.value instanceof StreamedList) {
      const list = outcome.value;
      const send = () => sendList(exchange, list, options.after);
      await whileAuthenticated(options.longRequests, { exchange, by: known.value }, send);
    } else exchange.answer(answerOf(route.response, outcome.value));
  }

  /** Pages need no key: a page asks the user for one. */
  async function hasShownPage(exchange: HttpExchange): Promise<boolean> {
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return false;
    const file = await options.pages?.find(exchange.pathname);
    if (file === undefined) return false;
    const request = {
      acceptEncoding: exchange.header('accept-encoding'),
      ifNoneMatch: exchange.header('if-none-match'),
    };
    exchange.answer(file === 'failed' ? failedPageAnswer : webAnswer(file, request));
    return true;
  }

  function fail(exchange: HttpExchange, error: unknown, { close = false } = {}): void {
    if (error instanceof JournalUnavailable) {
      exchange.refuse(refusal('unavailable', 'Storage is not available'), { close });
      return;
    }
    // Logs no query string: it may hold an API key.
    options.log.error('a request failed', {
      method: exchange.method,
      path: exchange.pathname,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    exchange.refuse(refusal('internal', 'Internal server error'), { close });
  }
}

/** Calls `run` after each `interval` until the returned function is called. */
function every(after: Clock['after'], interval: Milliseconds, run: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = after(interval, () => {
      run();
      next();
    });
  };
  next();
  return () => cancel();
}

/** The refusal that applies before the request's content is considered. */
export function refusedEarly(exchange: HttpExchange, closing: boolean): Refusal | undefined {
  if (closing) return refusal('shutting_down', 'Server is shutting down');
  if (exchange.framingProblem !== null) return refusal('bad_request', exchange.framingProblem);
  if (exchange.path.length > limits.pathUnitsMax) {
    return refusal('path_too_long', `Path must not be longer than ${limits.pathUnitsMax} characters`);
  }
  return undefined;
}

/** Whether the request asks to become a WebSocket; offers of other protocols (`h2c`) may be ignored. */
function isUpgrade(exchange: HttpExchange): boolean {
  return exchange.method === 'GET' && exchange.header('upgrade').toLowerCase() === 'websocket';
}

function notFound({ method, path }: HttpExchange): Refusal {
  return refusal('not_found', `Cannot ${method} ${path}`);
}

function answerOf(response: RouteResponse, value: unknown): Answer {
  if ('schema' in response) return { status: response.status, body: jsonBody(value) };
  if (!('html' in response)) return { status: response.status };
  return {
    status: response.status,
    headers: [['Content-Security-Policy', response.html.csp]],
    body: { type: 'text/html; charset=utf-8', text: String(value) },
  };
}
