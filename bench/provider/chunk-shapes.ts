/**
 * How real providers write a token: one event each, with everything that they send beside it, as their API references
 * and servers have it. Texts of a run contain no character that JSON escapes.
 */

export const providerFormats = ['openai', 'anthropic'] as const;
export type ProviderFormat = (typeof providerFormats)[number];

/** The events of one answer. */
export type ChunkShape = {
  readonly begin: string;
  readonly token: (text: string) => string;
  readonly end: (tokens: number) => string;
};

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const place = '@@';

/** The event is written once, and the text put into its place: a provider should not cost more than it must. */
function template(event: string): (text: string) => string {
  const [before = '', after = ''] = event.split(place);
  return (text) => `${before}${text}${after}`;
}

const usageOf = (tokens: number) => ({
  prompt_tokens: 12,
  completion_tokens: tokens,
  total_tokens: tokens + 12,
});

const paddings = ['mD3kQ9xw', 'Zt4', 'h8Rw2LpXc1', 'q', 'Yv7nB'] as const;

/** OpenAI itself, with its padding against guesses by length. */
const gpt = (() => {
  const chunk = (choices: readonly object[], usage: object | null = null, padding: string = paddings[0]) => ({
    id: 'chatcmpl-CgT1uWJ3nH0vYkq8XbT5cZ2mP7aRd',
    object: 'chat.completion.chunk',
    created: 1_764_320_000,
    model: 'gpt-5-mini-2025-08-07',
    service_tier: 'default',
    system_fingerprint: null,
    choices,
    usage,
    obfuscation: padding,
  });
  const choice = (delta: object, finish_reason: string | null = null) => ({ index: 0, delta, finish_reason });
  const tokens = paddings.map((padding) =>
    template(data(chunk([choice({ content: place })], null, padding))),
  );
  return {
    begin: data(chunk([choice({ role: 'assistant', content: '', refusal: null })])),
    token: (text: string) => tokens[text.length % tokens.length]?.(text) ?? '',
    end: (tokens: number) =>
      `${data(chunk([choice({}, 'stop')]))}${data(chunk([], usageOf(tokens)))}data: [DONE]\n\n`,
  };
})();

/** vLLM and servers made of it. */
const openModel = (() => {
  const chunk = (choices: readonly object[], more: object = {}) => ({
    id: 'chatcmpl-3f0c6c3a1de94c0e8f0a2a4b7c9d1e52',
    object: 'chat.completion.chunk',
    created: 1_764_320_000,
    model: 'meta-llama/Llama-3.3-70B-Instruct',
    choices,
    ...more,
  });
  const choice = (delta: object, finish_reason: string | null = null) => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason,
    token_ids: null,
  });
  return {
    begin: data(chunk([choice({ role: 'assistant', content: '' })], { prompt_token_ids: null })),
    token: template(data(chunk([choice({ content: place })]))),
    end: (tokens: number) =>
      `${data(chunk([{ ...choice({ content: '' }, 'stop'), stop_reason: null }]))}${data(chunk([], { usage: usageOf(tokens) }))}data: [DONE]\n\n`,
  };
})();

/** OpenRouter: the role with each token, and fields of its own. */
const router = (() => {
  const chunk = (content: string, finish: string | null, more: object = {}) => ({
    id: 'gen-1764320000-kXb7TQmV2nRzYw9LcP4d',
    provider: 'Fireworks',
    model: 'deepseek/deepseek-chat-v3.1',
    object: 'chat.completion.chunk',
    created: 1_764_320_000,
    choices: [
      {
        index: 0,
        delta: { role: 'assistant', content, reasoning: null, reasoning_details: [] },
        finish_reason: finish,
        native_finish_reason: finish,
        logprobs: null,
      },
    ],
    ...more,
  });
  return {
    begin: `: OPENROUTER PROCESSING\n\n${data(chunk('', null))}`,
    token: template(data(chunk(place, null))),
    end: (tokens: number) =>
      `${data(chunk('', 'stop'))}${data(chunk('', null, { usage: usageOf(tokens) }))}data: [DONE]\n\n`,
  };
})();

const claude = (() => {
  const event = (type: string, fields: object) => `event: ${type}\n${data({ type, ...fields })}`;
  return {
    begin: [
      event('message_start', {
        message: {
          model: 'claude-sonnet-4-5-20250929',
          id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
          type: 'message',
          role: 'assistant',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 12, output_tokens: 1 },
        },
      }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('ping', {}),
    ].join(''),
    token: template(event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: place } })),
    end: (tokens: number) =>
      [
        event('content_block_stop', { index: 0 }),
        event('message_delta', {
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: tokens },
        }),
        event('message_stop', {}),
      ].join(''),
  };
})();

/** Answers take turns among the shapes of their format. */
export const chunkShapes: Readonly<Record<ProviderFormat, readonly ChunkShape[]>> = {
  openai: [gpt, openModel, router],
  anthropic: [claude],
};
