/** Answers in the streaming format of OpenAI's chat completions, as its public API reference describes it. */
import type { ScriptedAnswer, ScriptStep } from './scripted-provider.ts';

export type ScriptedCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type OpenAiScript = {
  readonly text?: readonly string[];
  /** Sent beside `content`, as servers of open models do. */
  readonly reasoning?: readonly string[];
  readonly calls?: readonly ScriptedCall[];
  readonly finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  readonly usage?: { readonly prompt: number; readonly completion: number };
};

const envelope = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'scripted',
};

/** One event of the stream. */
export function openAiChunk(delta: unknown, finish: string | null = null): string {
  return `data: ${JSON.stringify({ ...envelope, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** All events of an answer, one step each, the closing `[DONE]` included. */
export function openAiSteps(script: OpenAiScript): readonly ScriptStep[] {
  const { text = [], reasoning = [], calls = [], usage = { prompt: 7, completion: 5 } } = script;
  const finish = script.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  const sent = [
    openAiChunk({ role: 'assistant', content: '' }),
    ...reasoning.map((piece) => openAiChunk({ reasoning_content: piece })),
    ...text.map((piece) => openAiChunk({ content: piece })),
    ...calls.flatMap((call, index) => callChunks(call, index)),
    openAiChunk({}, finish),
    `data: ${JSON.stringify({
      ...envelope,
      choices: [],
      usage: {
        prompt_tokens: usage.prompt,
        completion_tokens: usage.completion,
        total_tokens: usage.prompt + usage.completion,
      },
    })}\n\n`,
    'data: [DONE]\n\n',
  ];
  return sent.map((send) => ({ send }));
}

export function openAiAnswer(script: OpenAiScript): ScriptedAnswer {
  return { steps: openAiSteps(script) };
}

/** An error as the API sends it instead of a stream. */
export function openAiError(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ScriptedAnswer {
  const body = {
    error: { message, type: status === 429 ? 'rate_limit_error' : 'server_error', param: null, code: null },
  };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    steps: [{ send: JSON.stringify(body) }],
  };
}

/** The name comes first, the arguments in two halves, as the API sends them. */
function callChunks(call: ScriptedCall, index: number): readonly string[] {
  const middle = Math.ceil(call.arguments.length / 2);
  const part = (fields: object) => openAiChunk({ tool_calls: [{ index, ...fields }] });
  return [
    part({ id: call.id, type: 'function', function: { name: call.name, arguments: '' } }),
    part({ function: { arguments: call.arguments.slice(0, middle) } }),
    part({ function: { arguments: call.arguments.slice(middle) } }),
  ];
}
