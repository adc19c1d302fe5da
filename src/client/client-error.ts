/** The error that the client library throws when a command or a read fails. */
import type { RefusalCode } from '../../schema/refusal.ts';

/**
 * The server's codes (`schema/refusal.ts`), and four of the client's own: `closed` (the client was closed), `aborted`
 * (the caller's signal), `client_busy` (the client's queue is full), `unreachable` (no answer over HTTP).
 */
export type ErrorCode = RefusalCode | 'closed' | 'aborted' | 'client_busy' | 'unreachable';

export class CallboardError extends Error {
  override readonly name = 'CallboardError';
  readonly code: ErrorCode;
  /** True when the same request can succeed later without being changed. */
  readonly retryable: boolean;
  /** When it may be tried again at the earliest, ms; 0: the server has not said. */
  readonly retryAfterMs: number;

  constructor(code: ErrorCode, message: string, retryable = false, retryAfterMs = 0) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The error of an `exception` frame's data. A code that this version does not know is kept as it is. */
export function errorOfException(data: unknown): CallboardError {
  const { code, message, retryable, retryAfterMs } = fieldsOf(data);
  return new CallboardError(
    typeof code === 'string' ? (code as ErrorCode) : 'internal',
    typeof message === 'string' ? message : 'The server refused',
    retryable === true,
    waitOf(retryAfterMs),
  );
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_failed',
  401: 'unauthorized',
  404: 'not_found',
  409: 'conflict',
  413: 'body_too_large',
  414: 'path_too_long',
  415: 'unsupported_media_type',
  429: 'session_busy',
  500: 'internal',
};

/**
 * Error bodies over REST carry a code only for limits: else it is derived from the status ([HTTP4], [HTTP13], [LIM20]).
 * `retryAfter`: that header, which something in between may have written.
 */
export function errorOfResponse(
  status: number,
  body: unknown,
  retryAfter: string | null = null,
): CallboardError {
  const { code, message, retryable, retryAfterMs } = fieldsOf(body);
  return new CallboardError(
    typeof code === 'string' ? (code as ErrorCode) : (codeOfStatus[status] ?? 'unavailable'),
    typeof message === 'string' ? message : `HTTP status ${status}`,
    // An answer from something in between, such as a proxy, has no `retryable`.
    retryable === true || [408, 502, 503, 504].includes(status),
    waitOf(retryAfterMs) || (/^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0),
  );
}

function waitOf(retryAfterMs: unknown): number {
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
}

/** The members of a JSON object; an empty object for any other value. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
