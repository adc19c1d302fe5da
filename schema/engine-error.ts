/**
 * Classes of model call failures, independent of the provider. Clients of the baseline get one fixed sentence
 * (docs/protocol.md B11); the class and the provider's message go to the trace and the log.
 */

/** `words` begin the reason in the trace; `retryable`: the same call may succeed a little later. */
export const engineErrorTable = {
  rate_limited: { words: 'The provider limits how often it may be asked', retryable: true },
  overloaded: { words: 'The provider is overloaded', retryable: true },
  unavailable: { words: 'The provider cannot be reached', retryable: true },
  timeout: { words: 'The provider did not answer in time', retryable: true },
  authentication: { words: 'The provider does not accept the key', retryable: false },
  configuration: { words: 'The provider is not configured', retryable: false },
  model_not_found: { words: 'The provider does not know the model', retryable: false },
  quota_exhausted: { words: 'The account has no credit left', retryable: false },
  context_too_long: { words: 'The conversation is too long for the model', retryable: false },
  content_refused: { words: 'The provider refused the content', retryable: false },
  invalid_request: { words: 'The provider does not accept the request', retryable: false },
  bad_response: { words: "The provider's answer cannot be read", retryable: false },
  unknown: { words: 'The engine failed', retryable: false },
} as const;

export type EngineErrorCode = keyof typeof engineErrorTable;
export const engineErrorCodes = Object.keys(engineErrorTable) as EngineErrorCode[];

/** The reason as the trace shows it: what is wrong, then the provider's message. */
export function engineErrorReason(code: EngineErrorCode, message: string): string {
  // Without a class, the engine's message is all that is known.
  if (code === 'unknown') return message;
  return message === '' ? engineErrorTable[code].words : `${engineErrorTable[code].words}: ${message}`;
}
