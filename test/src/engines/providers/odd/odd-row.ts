/** One oddity of a provider: what it sends, and what must come of it. */
import type { ScriptedAnswer, ScriptStep } from '../../../../fakes/providers/scripted-provider.ts';

export type OddRow = {
  readonly name: string;
  /** Where it was seen: a document or a report that anybody can read. */
  readonly source: string;
  /** Default `openai-compatible`. */
  readonly type?: 'openai' | 'anthropic';
  /** What it answers to the first requests; later ones get an ordinary answer. */
  readonly answers: readonly ScriptedAnswer[];
  /** The answer that people see; `null`: none but that the engine failed. */
  readonly text: string | null;
  /** Default: `completed`, or `failed` without a text. */
  readonly outcome?: 'completed' | 'failed';
  readonly finishReason?: 'length' | 'content-filter';
  /** Words of the trace: its error, or its note. */
  readonly trace?: string;
  /** Reasoning that people see. */
  readonly reasoning?: string;
  /** In the journal: each call with its name, its status and words of its result. */
  readonly calls?: readonly (readonly [name: string, status: string, result: string])[];
  /** What ran, with its arguments. */
  readonly ran?: readonly string[];
  /** What the provider is told in the next request, as JSON has it. */
  readonly told?: readonly string[];
  readonly notTold?: readonly string[];
  /** Only where the other adapter cannot know better, with the reason. */
  readonly only?: { readonly adapter: 'lean'; readonly because: string };
  /** Silence that is allowed, ms. */
  readonly silenceMs?: number;
};

/** A `data:` line with that JSON. */
export const sse = (value: unknown): ScriptStep => ({ send: `data: ${JSON.stringify(value)}\n\n` });
export const raw = (send: string): ScriptStep => ({ send });
export const done = raw('data: [DONE]\n\n');

export const delta = (fields: object, finish: unknown = null): ScriptStep =>
  sse({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });
export const text = (content: string): ScriptStep => delta({ content });
export const end = (reason: string): ScriptStep => delta({}, reason);
export const stream = (...steps: readonly ScriptStep[]): ScriptedAnswer => ({ steps });

/** A call in one piece, as the first of its step unless said otherwise. */
export const call = (
  name: string,
  args: string,
  more: { readonly id?: string; readonly index?: number | undefined } & Record<string, unknown> = {},
): ScriptStep => {
  const { id = 'call_0', ...rest } = more;
  const tool = { index: 0, id, type: 'function', function: { name, arguments: args }, ...rest };
  return delta({ tool_calls: [tool] });
};

/** An event of Anthropic's. */
export const event = (type: string, fields: object = {}): ScriptStep =>
  raw(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
export const begin = event('message_start', {
  message: {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'odd',
    content: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  },
});
export const block = (index: number, content_block: object): ScriptStep =>
  event('content_block_start', { index, content_block });
export const piece = (index: number, fields: object): ScriptStep =>
  event('content_block_delta', { index, delta: fields });
export const close = (index: number): ScriptStep => event('content_block_stop', { index });
export const said = (words: string, index = 0): readonly ScriptStep[] => [
  block(index, { type: 'text', text: '' }),
  piece(index, { type: 'text_delta', text: words }),
  close(index),
];
export const stop = (reason: string): readonly ScriptStep[] => [
  event('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 2 },
  }),
  event('message_stop'),
];
export const refusal = (status: number, body: string, contentType = 'application/json'): ScriptedAnswer => ({
  status,
  headers: { 'content-type': contentType },
  steps: [raw(body)],
});
