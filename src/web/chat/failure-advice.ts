/** What a user is told of a failed model call: what happened, and what can be done. The provider's own words are in the details. */
import type { EngineErrorCode } from '../../../schema/engine-error.ts';

const advice: Readonly<Record<EngineErrorCode, string>> = {
  rate_limited: 'The model is asked too often just now. Ask again in a moment.',
  overloaded: 'The model has too much to do. Ask again in a moment.',
  unavailable: 'The model cannot be reached. Ask again in a moment.',
  timeout: 'The model did not answer in time. Ask again.',
  authentication: 'The server may not use this model: its key is not accepted. Tell whoever runs the server.',
  configuration:
    'The server is not set up for this model. Choose another one, or tell whoever runs the server.',
  model_not_found: 'There is no such model. Choose another one.',
  quota_exhausted:
    'The credit for this model is used up. Choose another one, or tell whoever runs the server.',
  context_too_long:
    'The conversation is too long for this model. Choose another one, or begin a new session.',
  content_refused: 'The provider refused what was said. Put it in other words.',
  invalid_request: 'The model does not take this conversation as it is. Choose another one.',
  bad_response: 'What the model answered cannot be read. Ask again.',
  unknown: 'The answer failed. Ask again; the details say more.',
};

/** `undefined`: the code is not known. */
export function failureAdvice(code: unknown): string | undefined {
  return Object.entries(advice).find(([known]) => known === code)?.[1];
}
