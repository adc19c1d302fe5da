/** What the AI SDK reports or throws, as an `error` of ours. */
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  StreamProviderError,
  TypeValidationError,
} from 'ai';
import {
  answerError,
  codeInWords,
  codeOf,
  connectionError,
  type EngineErrorPart,
} from '../provider-error.ts';

/** `now`: for a `retry-after` that names an instant. */
export function sdkError(cause: unknown, now: number): EngineErrorPart {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (APICallError.isInstance(cause)) return apiCallError(cause, now);
  if (StreamProviderError.isInstance(cause)) {
    const kind = cause.type ?? (typeof cause.code === 'string' ? cause.code : undefined);
    return { type: 'error', message, code: codeInWords(codeOf(cause.statusCode, kind), message) };
  }
  if (LoadAPIKeyError.isInstance(cause)) return { type: 'error', message, code: 'configuration' };
  if (unreadable.some((kind) => kind.isInstance(cause))) {
    return { type: 'error', message, code: 'bad_response' };
  }
  return { type: 'error', message, code: 'unknown' };
}

const unreadable = [InvalidResponseDataError, JSONParseError, TypeValidationError];

function apiCallError(cause: APICallError, now: number): EngineErrorPart {
  const { statusCode, responseHeaders = {}, responseBody = '', message } = cause;
  // No status: there was no answer. A good one: the connection broke while it was being read.
  if (statusCode === undefined || statusCode < 400) return connectionError(cause);
  return answerError(
    { status: statusCode, statusText: message, headers: responseHeaders, body: responseBody },
    now,
  );
}
