/**
 * Failing providers. Goal: every failure of a provider ends the call with one `error` of the right class, the parts
 * that had arrived before are kept, and the connection is closed.
 */
import { afterEach, expect, test } from 'vitest';
import type { EnginePart } from '../../../../actors/ports.ts';
import type { EngineErrorCode } from '../../../../schema/engine-error.ts';
import { anthropicError, anthropicEvent, anthropicSteps } from '../../../fakes/providers/anthropic-stream.ts';
import { openAiChunk, openAiError, openAiSteps } from '../../../fakes/providers/openai-stream.ts';
import {
  type ScriptedAnswer,
  type ScriptedProvider,
  startScriptedProvider,
} from '../../../fakes/providers/scripted-provider.ts';
import { adapters, engineAt, modelRequest, partsOf, secretKey } from './model-call.ts';

let provider: ScriptedProvider | undefined;
afterEach(async () => {
  await provider?.stop();
  provider = undefined;
});

async function askedOnce(
  answer: ScriptedAnswer,
  type: 'openai' | 'anthropic' | 'openai-compatible' = 'openai-compatible',
  adapter: (typeof adapters)[number] = 'lean',
): Promise<readonly EnginePart[]> {
  provider = await startScriptedProvider([answer]);
  const parts = await partsOf(engineAt(provider.url, type, { adapter }));
  expect(provider.requests).toHaveLength(1);
  return parts;
}

const piece = { send: openAiChunk({ content: 'Once' }) };
const anthropicPiece = anthropicSteps({ blocks: [{ type: 'text', pieces: ['Once'] }] }).slice(0, 4);
const errorBody = (error: object) => ({
  status: 400,
  headers: { 'content-type': 'application/json' },
  steps: [{ send: JSON.stringify({ error }) }],
});

const refusals: readonly [name: string, answer: ScriptedAnswer, code: EngineErrorCode][] = [
  ['a wrong key', openAiError(401, 'Incorrect API key'), 'authentication'],
  ['a forbidden model', openAiError(403, 'Forbidden'), 'authentication'],
  ['an unknown model', openAiError(404, 'No such model'), 'model_not_found'],
  ['a rate limit', openAiError(429, 'Slow down'), 'rate_limited'],
  [
    'an empty account',
    { ...errorBody({ message: 'x', code: 'insufficient_quota' }), status: 429 },
    'quota_exhausted',
  ],
  [
    'a prompt that is too long',
    errorBody({ message: 'x', code: 'context_length_exceeded' }),
    'context_too_long',
  ],
  ['refused content', errorBody({ message: 'x', code: 'content_filter' }), 'content_refused'],
  ['a bad request', errorBody({ message: 'x' }), 'invalid_request'],
  ['a broken server', openAiError(500, 'Oops'), 'unavailable'],
  ['a gateway without a server', { status: 502, steps: [{ send: '<html>' }] }, 'unavailable'],
  ['an overloaded server', openAiError(503, 'Overloaded'), 'overloaded'],
  ['a gateway that gave up', openAiError(504, 'Timeout'), 'timeout'],
  ['a connection that breaks at once', { steps: ['cut'] }, 'unavailable'],
  [
    'a page instead of a stream',
    { headers: { 'content-type': 'text/html' }, steps: [{ send: '<html>' }] },
    'bad_response',
  ],
];

test.each(refusals.flatMap((row) => adapters.map((adapter) => [...row, adapter] as const)))(
  '%s',
  async (_name, answer, code, adapter) => {
    expect(await askedOnce(answer, 'openai-compatible', adapter)).toEqual([
      expect.objectContaining({ type: 'error', code }),
    ]);
  },
);

test('Anthropic names its errors', async () => {
  expect(await askedOnce(anthropicError(529, 'overloaded_error', 'Overloaded'), 'anthropic')).toEqual([
    expect.objectContaining({ type: 'error', code: 'overloaded', message: 'Overloaded' }),
  ]);
});

const breaks: readonly [
  name: string,
  answer: ScriptedAnswer,
  type: 'anthropic' | 'openai-compatible',
  code: EngineErrorCode,
][] = [
  [
    'a chunk that is no JSON and then the end',
    { steps: [piece, { send: 'data: {oops\n\n' }] },
    'openai-compatible',
    'bad_response',
  ],
  [
    'a chunk of another shape and then the end',
    { steps: [piece, { send: 'data: {"choices":"none"}\n\n' }] },
    'openai-compatible',
    'bad_response',
  ],
  [
    'an error in the stream',
    { steps: [piece, { send: 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n' }] },
    'openai-compatible',
    'unavailable',
  ],
  ['a stream that ends too early', { steps: [piece] }, 'openai-compatible', 'bad_response'],
  ['a connection that breaks', { steps: [piece, 'cut'] }, 'openai-compatible', 'unavailable'],
  [
    "Anthropic's error in the stream",
    {
      steps: [
        ...anthropicPiece,
        {
          send: anthropicEvent({
            type: 'error',
            ...{ error: { type: 'overloaded_error', message: 'Overloaded' } },
          }),
        },
      ],
    },
    'anthropic',
    'overloaded',
  ],
];

test.each(breaks.flatMap((row) => adapters.map((adapter) => [...row, adapter] as const)))(
  '%s in the middle of an answer keeps what came before',
  async (_name, answer, type, code, adapter) => {
    const parts = await askedOnce(answer, type, adapter);
    // The network may take what came right before the break with it.
    const texts = parts.filter((part) => part.type === 'text');
    expect(texts.length).toBeLessThanOrEqual(1);
    if (!answer.steps.includes('cut')) expect(texts).toEqual([{ type: 'text', text: 'Once' }]);
    expect(parts.at(-1)).toMatchObject({ type: 'error', code });
    expect(parts).toHaveLength(texts.length + 1);
  },
);

test.each([
  ['seconds', { 'retry-after': '7' }, 7000],
  ['milliseconds', { 'retry-after': '9', 'retry-after-ms': '250' }, 250],
  ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
] as const)('retry-after: %s', async (_name, headers, expected) => {
  const [error] = await askedOnce(openAiError(429, 'Slow down', headers));
  expect(error).toMatchObject({ type: 'error', code: 'rate_limited' });
  expect(error?.type === 'error' ? error.retryAfterMs : 'no error').toBe(expected);
});

test('nobody listens at the address', async () => {
  provider = await startScriptedProvider([]);
  const { url } = provider;
  await provider.stop();
  provider = undefined;
  expect(await partsOf(engineAt(url))).toEqual([
    expect.objectContaining({ type: 'error', code: 'unavailable' }),
  ]);
});

test('a key that the provider repeats is not passed on', async () => {
  const [error] = await askedOnce(openAiError(401, `Incorrect API key provided: ${secretKey}`));
  expect(JSON.stringify(error)).not.toContain(secretKey);
  expect(error).toMatchObject({ message: 'Incorrect API key provided: [redacted]' });
});

test.each(adapters)(
  'cancelling ends the request at the provider, without another part, by %s',
  async (adapter) => {
    provider = await startScriptedProvider([{ steps: [piece, 'stall'] }]);
    const abandoned = provider.nextAbandoned();
    const abort = new AbortController();
    const parts: EnginePart[] = [];
    for await (const said of engineAt(provider.url, 'openai-compatible', { adapter }).stream(
      modelRequest(),
      abort.signal,
    )) {
      parts.push(...[said].flat());
      abort.abort();
    }
    await abandoned;
    expect(parts).toEqual([{ type: 'text', text: 'Once' }]);
  },
);

test('a reader that stops reading ends the request, too', async () => {
  provider = await startScriptedProvider([{ steps: [piece, 'stall'] }]);
  const abandoned = provider.nextAbandoned();
  for await (const _part of engineAt(provider.url).stream(modelRequest(), new AbortController().signal))
    break;
  await abandoned;
});

test('a missing key is told at the first use, by the name of its variable', async () => {
  provider = await startScriptedProvider([{ steps: openAiSteps({ text: ['never'] }) }]);
  const engine = engineAt(provider.url, 'openai', { apiKey: undefined });
  expect(await partsOf(engine)).toEqual([
    {
      type: 'error',
      code: 'configuration',
      message: 'The provider scripted has no API key: set the environment variable SCRIPTED_API_KEY',
    },
  ]);
  expect(provider.requests).toHaveLength(0);
});
