/**
 * What went wrong with a provider, in the classes of `schema/engine-error.ts`: decided by status, code and type, and by
 * the wording only where a request is too long, for which most providers have no code (`too-long-words.ts`). Whatever shape
 * an error has, the provider's own words are kept.
 */
import type { EnginePart } from '../../../actors/ports.ts';
import type { EngineErrorCode } from '../../../schema/engine-error.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { isBlank } from '../../../schema/text.ts';
import { countOf, type Foreign, objectOf, parsedJson, textOf } from './foreign-json.ts';
import { saysTooLong } from './too-long-words.ts';

export type EngineErrorPart = Extract<EnginePart, { type: 'error' }>;

/** An answer with a status that says that something is wrong. `now`: for a `retry-after` that names an instant. */
export function answerError(
  answer: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  now: number,
): EngineErrorPart {
  const { status, statusText, headers, body } = answer;
  const json = parsedJson(body);
  const retryAfterMs = retryAfterOf(headers, now);
  const message = wordsOf(json === undefined ? body : json) ?? `HTTP status ${status} ${statusText}`.trim();
  const kind = errorKindOf(objectOf(Array.isArray(json) ? json[0] : json) ?? {});
  return {
    type: 'error',
    message,
    code: codeInWords(codeOf(status, kind), message),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** A good status without a stream: says what it was instead. */
export function noStreamError(contentType: string, body: string): EngineErrorPart {
  if (isBlank(body)) return { type: 'error', message: 'The answer is empty', code: 'bad_response' };
  const json = parsedJson(body);
  const failure = streamError(objectOf(json) ?? {});
  if (failure !== undefined) return failure;
  const kind = json !== undefined ? 'JSON' : /^\s*</.test(body) ? 'HTML' : contentType || 'text';
  const words = wordsOf(json ?? body);
  const message = `The answer is ${kind}, not a stream of events${words === undefined ? '' : `: ${words}`}`;
  return { type: 'error', message, code: 'bad_response' };
}

/** An error that comes as an event of the stream; `undefined`: it is none. */
export function streamError(event: Foreign): EngineErrorPart | undefined {
  const { error } = event;
  const inner = objectOf(error);
  const isError =
    textOf(error) !== undefined ||
    (Array.isArray(error) && error.length > 0) ||
    (inner !== undefined && Object.keys(inner).length > 0) ||
    event['object'] === 'error' ||
    event['type'] === 'error';
  if (!isError) return undefined;
  const status = countOf(inner?.['code']) ?? countOf(inner?.['status']) ?? countOf(event['code']);
  const isStatus = status !== undefined && status >= 400 && status < 600;
  const message = wordsOf(event) ?? 'The provider did not say why';
  const code = codeOf(isStatus ? status : undefined, errorKindOf(event));
  return { type: 'error', message, code: codeInWords(code, message) };
}

export function overfullError(): EngineErrorPart {
  const message = `An event of the stream is longer than ${limits.providerEventUnitsMax} characters`;
  return { type: 'error', message, code: 'bad_response' };
}

/** The stream is over and did not say why. `stray`: an event that belongs to no answer, and so may say it. */
export function brokenOffError(stray: Foreign | undefined): EngineErrorPart {
  const message = 'The stream ended without a finish reason';
  const words = stray === undefined ? undefined : saidIn(stray);
  if (stray === undefined || words === undefined) return { type: 'error', message, code: 'bad_response' };
  const known = kinds.get(errorKindOf(stray) ?? '');
  return { type: 'error', message: `${message}: ${wordsOf(words) ?? ''}`, code: known ?? 'bad_response' };
}

/** The connection failed, or broke. */
export function connectionError(cause: unknown): EngineErrorPart {
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  return { type: 'error', message: `${message}${reason}`, code: 'unavailable' };
}

/** What an error says of itself, in whatever shape: the first `providerWordsUnitsMax` of it. */
export function wordsOf(given: unknown): string | undefined {
  const words = (saidIn(given) ?? (typeof given === 'string' ? given : JSON.stringify(given)) ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' || words === '{}' ? undefined : cutText(words, limits.providerWordsUnitsMax);
}

/** The sentence for people in an error of a known shape, with what the provider behind it said, if there is one. */
function saidIn(given: unknown): string | undefined {
  const outer = objectOf(Array.isArray(given) ? given[0] : given);
  if (outer === undefined) return textOf(given);
  const error = outer['error'];
  const inner = objectOf(error) ?? {};
  const said =
    textOf(inner['message']) ?? textOf(error) ?? textOf(outer['message']) ?? textOf(outer['detail']);
  const raw = textOf(objectOf(inner['metadata'])?.['raw']);
  return said !== undefined && raw !== undefined ? `${said}: ${raw}` : said;
}

/** `kind`: the provider's own name of the error, which says more than its status where it is known. */
export function codeOf(status: number | undefined, kind: string | undefined): EngineErrorCode {
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

/** The code, unless it is a general one and the words say that the request is too long. */
export function codeInWords(code: EngineErrorCode, words: string): EngineErrorCode {
  const isGeneral = code === 'invalid_request' || code === 'unavailable' || code === 'unknown';
  return isGeneral && saysTooLong(words) ? 'context_too_long' : code;
}

/** `error.code` and `error.type` of OpenAI and Anthropic, as their API references list them. */
const kinds: ReadonlyMap<string, EngineErrorCode> = new Map([
  ['insufficient_quota', 'quota_exhausted'],
  ['billing_error', 'quota_exhausted'],
  ['context_length_exceeded', 'context_too_long'],
  ['request_too_large', 'context_too_long'],
  ['exceed_context_size_error', 'context_too_long'],
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

/** The first name in an error's body that says what it is. */
export function errorKindOf(body: Foreign): string | undefined {
  const inner = objectOf(body['error']) ?? {};
  const names = [inner['code'], inner['type'], inner['status'], body['code'], body['type']];
  const given = names.flatMap((name) => textOf(name) ?? []);
  return given.find((name) => kinds.has(name)) ?? given.find((name) => name.endsWith('_error'));
}

/** `retry-after-ms`, else `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3); never negative. */
export function retryAfterOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (milliseconds >= 0) return Math.ceil(milliseconds);
  const after = headers['retry-after'];
  if (after === undefined) return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return Math.ceil(seconds * 1000);
  const instant = Date.parse(after);
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
}
