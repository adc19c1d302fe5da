/**
 * Goal: a request that is too long is recognised, whoever says so. Method: sentences of providers, as their public
 * documentation and bug reports quote them, each in the body and with the status that it comes with.
 */
import { describe, expect, it } from 'vitest';
import { answerError, streamError } from '../../../../src/engines/providers/provider-error.ts';

const tooLong: readonly (readonly [provider: string, words: string])[] = [
  [
    'OpenAI',
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9034 tokens. Please reduce the length of the messages.",
  ],
  [
    'OpenAI, responses',
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
  ],
  [
    'OpenAI, long',
    'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300112 tokens.',
  ],
  ['Anthropic', 'prompt is too long: 208310 tokens > 200000 maximum'],
  [
    'Anthropic, with output',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again',
  ],
  [
    'Mistral',
    'Prompt contains 40170 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  ],
  ['Google', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  ['xAI', "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
  ['Cohere', 'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000'],
  ['Bedrock', 'Input is too long for requested model.'],
  ['vLLM', 'The decoder prompt (length 5012) is longer than the maximum model length of 4096.'],
  ['Ollama', 'prompt too long; exceeded max context length by 1204 tokens'],
  [
    'TGI',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens',
  ],
  ['llama.cpp', 'the request exceeds the available context size, try increasing it'],
  ['Copilot', 'prompt token count of 130412 exceeds the limit of 128000'],
];

const others: readonly string[] = [
  'max_tokens is too large: 100000. This model supports at most 4096 completion tokens, whereas you provided 100000.',
  "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64.",
  'messages: text content blocks must contain non-whitespace text',
  "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
  'temperature: range: 0..1',
  'Bad Request',
];

describe('[PRV7] a request that is too long is told by its words where no code says so', () => {
  it.each(tooLong)('%s', (_, message) => {
    const inOpenAi = JSON.stringify({ error: { message, type: 'invalid_request_error', code: null } });
    const inAnthropic = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });
    for (const body of [inOpenAi, inAnthropic, JSON.stringify({ detail: message }), message]) {
      const answer = { status: 400, statusText: 'Bad Request', headers: {}, body };
      expect(answerError(answer, 0)).toMatchObject({ code: 'context_too_long' });
    }
    expect(streamError({ error: { message } })).toMatchObject({ code: 'context_too_long' });
  });

  it.each(others)('and nothing else is: %s', (message) => {
    const body = JSON.stringify({ error: { message, type: 'invalid_request_error' } });
    const answer = { status: 400, statusText: 'Bad Request', headers: {}, body };
    expect(answerError(answer, 0)).toMatchObject({ code: 'invalid_request' });
  });

  it('a limit of rate is not a limit of length', () => {
    const body = JSON.stringify({
      error: { message: 'Request too large for gpt-x in organization on tokens per min' },
    });
    expect(answerError({ status: 429, statusText: '', headers: {}, body }, 0)).toMatchObject({
      code: 'rate_limited',
    });
  });
});
