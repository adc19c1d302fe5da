/** What went wrong with a provider, in the classes of `schema/engine-error.ts`: never decided by a message's wording alone. */
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  StreamProviderError,
  TypeValidationError,
} from 'ai';
import { z } from 'zod';
import type { EnginePart } from '../../../actors/ports.ts';
import type { EngineErrorCode } from '../../../schema/engine-error.ts';

export type EngineErrorPart = Extract<EnginePart, { type: 'error' }>;

/** The `error` part for whatever the SDK reports or throws. `now`: for a `retry-after` that names an instant. */
export function providerError(cause: unknown, now: number): EngineErrorPart {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (APICallError.isInstance(cause)) return apiCallError(cause, now);
  if (StreamProviderError.isInstance(cause)) {
    const kind = cause.type ?? (typeof cause.code === 'string' ? cause.code : undefined);
    return { type: 'error', message, code: codeOf(cause.statusCode, kind) };
  }
  if (LoadAPIKeyError.isInstance(cause)) return { type: 'error', message, code: 'configuration' };
  if (unreadable.some((kind) => kind.isInstance(cause)))
    return { type: 'error', message, code: 'bad_response' };
  return { type: 'error', message, code: 'unknown' };
}

const unreadable = [InvalidResponseDataError, JSONParseError, TypeValidationError];

function apiCallError(cause: APICallError, now: number): EngineErrorPart {
  const { statusCode, responseHeaders, responseBody } = cause;
  // No status: there was no answer. A good one: the connection broke while it was being read.
  const code =
    statusCode === undefined || statusCode < 400 ? 'unavailable' : codeOf(statusCode, kindOf(responseBody));
  const retryAfterMs = retryAfterOf(responseHeaders ?? {}, now);
  return {
    type: 'error',
    message: cause.message,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** `kind`: the provider's own name of the error, which says more than its status where it is known. */
function codeOf(status: number | undefined, kind: string | undefined): EngineErrorCode {
  const known = kind === undefined ? undefined : kinds.get(kind);
  if (known !== undefined) return known;
  switch (status) {
    case 400:
    case 422:
      return 'invalid_request';
    case 401:
    case 403:
      return 'authentication';
    case 402:
      return 'quota_exhausted';
    case 404:
      return 'model_not_found';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'context_too_long';
    case 429:
      return 'rate_limited';
    case 503:
    case 529:
      return 'overloaded';
    case undefined:
      // In a stream, where there is no status: `api_error`, `server_error`.
      return kind?.endsWith('_error') === true ? 'unavailable' : 'unknown';
    default:
      return status >= 500 ? 'unavailable' : 'invalid_request';
  }
}

/** `error.code` and `error.type` of OpenAI and Anthropic, as their API references list them. */
const kinds: ReadonlyMap<string, EngineErrorCode> = new Map([
  ['insufficient_quota', 'quota_exhausted'],
  ['billing_error', 'quota_exhausted'],
  ['context_length_exceeded', 'context_too_long'],
  ['request_too_large', 'context_too_long'],
  ['content_filter', 'content_refused'],
  ['content_policy_violation', 'content_refused'],
  ['model_not_found', 'model_not_found'],
  ['not_found_error', 'model_not_found'],
  ['invalid_api_key', 'authentication'],
  ['authentication_error', 'authentication'],
  ['permission_error', 'authentication'],
  ['rate_limit_error', 'rate_limited'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['overloaded_error', 'overloaded'],
  ['timeout_error', 'timeout'],
]);

const errorBodySchema = z.object({
  error: z.object({ type: z.string().nullish(), code: z.union([z.string(), z.number()]).nullish() }),
});

function kindOf(body: string | undefined): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
  const parsed = errorBodySchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { code, type } = parsed.data.error;
  return [code, type].find((name): name is string => typeof name === 'string' && kinds.has(name));
}

/** `retry-after-ms`, else `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3); never negative. */
function retryAfterOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (milliseconds >= 0) return Math.ceil(milliseconds);
  const after = headers['retry-after'];
  if (after === undefined) return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return Math.ceil(seconds * 1000);
  const instant = Date.parse(after);
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
}
