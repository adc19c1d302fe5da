/**
 * One HTTP request and its answer. A uWebSockets.js request is valid only until its handler returns, and the response
 * only until the client goes away: this module copies the request and guards the response.
 */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Refusal } from '../../../schema/refusal.ts';
import { refusalTable } from '../../../schema/refusal.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { errorBody } from '../../../schema/wire/error-body.ts';
import type { Header } from '../../origins/cross-origin.ts';
import type { ClientAddress, ClientAddresses } from './client-address.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { framingProblem } from './request-framing.ts';

const keptHeaders = [
  'accept-encoding',
  'access-control-request-headers',
  'api-key',
  'authorization',
  'callboard-lease',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'if-none-match',
  'if-range',
  'last-event-id',
  'origin',
  'range',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'upgrade',
  'x-api-key',
  'x-callboard-act-as',
  'x-file-name',
] as const;
export type KeptHeader = (typeof keptHeaders)[number];
const isKept: ReadonlySet<string> = new Set(keptHeaders);

export type AnswerBody =
  | { readonly type: string; readonly text: string }
  /** The content of a file, which the client may cache. */
  | { readonly type: string; readonly bytes: Buffer; readonly cacheControl: string };

/** `body` undefined: no body and no `Content-Length` (204, 304). */
export type Answer = {
  readonly status: number;
  readonly headers?: readonly Header[];
  readonly body?: AnswerBody;
  /** Closes the connection after the body, because more of the request may still arrive. */
  readonly close?: boolean;
};

export type HttpExchange = {
  /** As the client sent it, in upper case. */
  readonly method: string;
  readonly pathname: string;
  /** Includes the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: KeptHeader) => string;
  /** As {@link CredentialBearer}. */
  readonly actsAs: string | null;
  /** Every header, by lower-case name; none if the gateway does not keep them all. */
  readonly allHeaders: () => Readonly<Record<string, string>>;
  /** The address by which the client is counted. */
  readonly address: ClientAddress;
  /** Why it is in doubt where the request ends ([HTTP26]), or `null`. */
  readonly framingProblem: string | null;
  /** Sends the answer; does nothing when the client has gone or was already answered. */
  readonly answer: (answer: Answer) => void;
  readonly refuse: (reason: Refusal, more?: RefusalExtras) => void;
  /** Ends the exchange by turning it into a WebSocket, which `upgrade` must do. */
  readonly upgrade: (upgrade: () => void) => void;
  /**
   * Ends the exchange by starting an answer whose body is sent bit by bit. Returns the response to write to, or
   * `undefined` when it is too late. `gone` is called when the client goes away before the body has ended.
   */
  readonly stream: (head: Pick<Answer, 'status' | 'headers'>, gone: () => void) => HttpResponse | undefined;
  /** Closes the connection, in the middle of the request or of its answer; then the client has gone. */
  readonly cut: () => void;
  /** True when no answer can be sent any more: one was sent, or the client has gone. */
  readonly over: () => boolean;
  /** Calls `gone` when the client goes away before it is answered; one function at a time. */
  readonly onGone: (gone: () => void) => void;
};

export type RefusalExtras = {
  readonly errors?: readonly ValidationError[] | undefined;
  readonly headers?: readonly Header[];
  readonly close?: boolean;
};

/** `timestamp` is the time in error bodies; `ended` is called once, when the exchange is over. */
export function openHttpExchange(
  res: HttpResponse,
  req: HttpRequest,
  deps: {
    readonly timestamp: () => string;
    readonly ended: () => void;
    readonly origins: Pick<OriginPolicy, 'headers'>;
    /** Whether somebody needs all headers; default: not. */
    readonly keepsAllHeaders?: boolean | undefined;
    readonly addresses: ClientAddresses;
  },
): HttpExchange {
  const method = req.getCaseSensitiveMethod().toUpperCase();
  const pathname = req.getUrl();
  // The type declarations say string, but it is undefined when the request has no question mark.
  const queryText: string | undefined = req.getQuery();
  const path = queryText === undefined ? pathname : `${pathname}?${queryText}`;
  const { first, every, ...bodyFields } = readHeaders(req, deps.keepsAllHeaders === true);
  const header = (name: KeptHeader) => first.get(name) ?? '';
  const all = Object.fromEntries(every);
  const problem = framingProblem(method, bodyFields, header('upgrade').toLowerCase() === 'websocket');
  /** Nothing behind it on its connection is answered: a chunked body may have another end for whoever passed it on. */
  const isLast = problem !== null || bodyFields.codings.length > 0;
  const address = deps.addresses(res, req);
  let over = false;
  let gone = false;
  let streamGone: (() => void) | undefined;
  let unansweredGone = () => {};

  function end(): void {
    over = true;
    deps.ended();
  }

  function writeHead(status: number, extra: readonly Header[]): void {
    res.writeStatus(`${status} ${reasonPhrases[status] ?? 'Unknown'}`);
    for (const [name, value] of [...deps.origins.headers(header('origin')), ...extra]) {
      res.writeHeader(name, value);
    }
  }

  /**
   * The transport drops a connection on which something comes while a request waits for its answer, but goes on reading what
   * it had received before an answer that closes the connection: so the last answer is sent in the next turn.
   */
  function answer(given: Answer): void {
    if (over) return;
    if (!isLast) {
      end();
      send(given);
      return;
    }
    over = true;
    setImmediate(() => {
      deps.ended();
      if (!gone) send({ ...given, close: true });
    });
  }

  function send({ status, headers: extra = [], body, close = false }: Answer): void {
    res.cork(() => {
      writeHead(status, extra);
      if (body === undefined) {
        // Called without arguments: an undefined length would be sent as a number.
        res.endWithoutBody();
        return;
      }
      res.writeHeader('Content-Type', body.type);
      res.writeHeader('Cache-Control', 'text' in body ? 'no-store' : body.cacheControl);
      res.writeHeader('X-Content-Type-Options', 'nosniff');
      const content = 'text' in body ? body.text : body.bytes;
      if (method === 'HEAD') res.endWithoutBody(Buffer.byteLength(content), close);
      else res.end(content, close);
    });
  }

  function refuse(reason: Refusal, { errors, headers: extra = [], close = false }: RefusalExtras = {}): void {
    const request = { path, timestamp: deps.timestamp() };
    answer({
      status: refusalTable[reason.code].status,
      headers: [
        ...extra,
        ...retryAfter(reason),
        ...(reason.code === 'unauthorized' ? [['WWW-Authenticate', 'Bearer'] as const] : []),
      ],
      body: jsonBody(errorBody(reason, request, errors)),
      close,
    });
  }

  res.onAborted(() => {
    gone = true;
    if (!over) {
      end();
      unansweredGone();
    }
    streamGone?.();
  });

  return {
    method,
    pathname,
    path,
    query: new URLSearchParams(queryText ?? ''),
    header,
    actsAs: first.get('x-callboard-act-as') ?? null,
    allHeaders: () => all,
    address,
    framingProblem: problem,
    answer,
    refuse,
    upgrade(upgrade) {
      if (over) return;
      end();
      upgrade();
    },
    stream({ status, headers: extra = [] }, whenGone) {
      if (over) return undefined;
      end();
      streamGone = whenGone;
      res.cork(() => writeHead(status, extra));
      return res;
    },
    cut() {
      try {
        res.close();
      } catch {
        // The answer ended just before, and the transport has taken the response back.
      }
    },
    over: () => over,
    onGone(whenGone) {
      unansweredGone = whenGone;
    },
  };
}

/**
 * The first header of each kept name; and, if `keepsAll`, every header, several of one name joined as RFC 9110 and, for
 * cookies, RFC 6265 have it.
 */
function readHeaders(req: HttpRequest, keepsAll: boolean) {
  const first = new Map<string, string>();
  const every = new Map<string, string>();
  const lengths: string[] = [];
  const codings: string[] = [];
  req.forEach((name, value) => {
    if (name === 'content-length') lengths.push(value);
    else if (name === 'transfer-encoding') codings.push(value);
    if (isKept.has(name) && !first.has(name)) first.set(name, value);
    if (!keepsAll) return;
    const before = every.get(name);
    every.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  });
  return { first, every, lengths, codings };
}

/** In whole seconds, and never too early. */
function retryAfter({ retryable, retryAfterMs }: Refusal): readonly Header[] {
  if (retryAfterMs === undefined) return retryable ? [['Retry-After', '1']] : [];
  return [['Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))]];
}

export function jsonBody(value: unknown): { readonly type: string; readonly text: string } {
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(value) };
}

const reasonPhrases: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  ...Object.fromEntries(Object.values(refusalTable).map(({ status, error }) => [status, error])),
};
