/** What the AI SDK reports or throws, as an `error` of ours. */
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  TypeValidationError,
} from '@ai-sdk/provider';
import { answerError, connectionError, type EngineErrorPart, streamError } from '../provider-error.ts';

/** `now`: for a `retry-after` that names an instant. */
export function sdkError(cause: unknown, now: number): EngineErrorPart {
  if (!(cause instanceof Error)) return streamError({ error: cause }) ?? unknownError(String(cause));
  const { message } = cause;
  if (APICallError.isInstance(cause)) return apiCallError(cause, now);
  if (LoadAPIKeyError.isInstance(cause)) return { type: 'error', message, code: 'configuration' };
  if (isUnreadable(cause)) return { type: 'error', message, code: 'bad_response' };
  return unknownError(message);
}

function unknownError(message: string): EngineErrorPart {
  return { type: 'error', message, code: 'unknown' };
}

/** An event of the stream that is not as the SDK knows it. */
export function isUnreadable(cause: unknown): boolean {
  return unreadable.some((kind) => kind.isInstance(cause));
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
