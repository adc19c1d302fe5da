/**
 * Providers as strict as the real ones: they refuse what those refuse, and each gives calls in its own way. What they
 * are asked says what they do: `call echo` calls that tool, `fail` fails, and a result is answered with words.
 */
import { anthropicEvent } from './anthropic-stream.ts';
import { openAiAnswer, openAiChunk } from './openai-stream.ts';
import { type ProviderRequest, type ScriptedAnswer, startProvider } from './scripted-provider.ts';
import { anthropicRefusal, googleRefusal, mistralRefusal, openAiRefusal } from './strict-requests.ts';

export const strictKinds = ['openai', 'anthropic', 'mistral', 'google'] as const;
export type StrictKind = (typeof strictKinds)[number];

export type StrictProvider = {
  readonly kind: StrictKind;
  readonly url: string;
  /** Why it refused a request; empty when it never did. */
  readonly refusals: readonly string[];
  readonly requests: readonly ProviderRequest[];
  readonly stop: () => Promise<void>;
};

export async function startStrictProvider(kind: StrictKind): Promise<StrictProvider> {
  const refusals: string[] = [];
  const issued = new Set<string>();
  const provider = await startProvider((request, index) => {
    const why = refusalOf(kind, request, issued);
    if (why !== undefined) {
      refusals.push(why);
      return failure(400, why);
    }
    const asked = lastWords(request.body);
    if (asked === 'fail') return failure(400, 'told to fail');
    const tool = /^call (\w+)$/.exec(asked ?? '')?.[1];
    if (tool === undefined) return words(kind, `${kind} says: done`);
    const signature = `signature ${kind} ${index}`;
    issued.add(signature);
    return calling(kind, tool, index, signature);
  });
  return { kind, url: provider.url, refusals, requests: provider.requests, stop: provider.stop };
}

function refusalOf(
  kind: StrictKind,
  { body }: ProviderRequest,
  issued: ReadonlySet<string>,
): string | undefined {
  switch (kind) {
    case 'openai':
      return openAiRefusal(body);
    case 'anthropic':
      return anthropicRefusal(body, issued);
    case 'mistral':
      return mistralRefusal(body);
    case 'google':
      return googleRefusal(body, issued);
  }
}

/** What the user says last; `undefined` when it is the result of a tool. */
function lastWords(body: unknown): string | undefined {
  const text = JSON.stringify(body);
  const messages: unknown = JSON.parse(text).messages;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const found = /"(?:text|content)":"([^"]*)"[^"]*$/.exec(JSON.stringify(last) ?? '');
  const isResult = /"role":"tool"|"tool_result"/.test(JSON.stringify(last) ?? '');
  return isResult ? undefined : found?.[1]?.split('\\n').at(-1);
}

function failure(status: number, message: string): ScriptedAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    steps: [{ send: JSON.stringify({ error: { type: 'invalid_request_error', message } }) }],
  };
}

function words(kind: StrictKind, text: string): ScriptedAnswer {
  if (kind !== 'anthropic') return openAiAnswer({ text: [text] });
  return anthropic([
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
  ]);
}

function calling(kind: StrictKind, tool: string, index: number, signature: string): ScriptedAnswer {
  const argumentsJson = JSON.stringify({ by: kind });
  if (kind === 'anthropic') {
    return anthropic([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: `toolu_${index}`, name: tool, input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: argumentsJson },
      },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
    ]);
  }
  const ids = { openai: `call_${'x'.repeat(24)}${index}`, mistral: 'aB3dE5fG7', google: '' };
  const call = {
    index: 0,
    id: ids[kind],
    type: 'function',
    function: { name: tool, arguments: argumentsJson },
    ...(kind === 'google' ? { extra_content: { google: { thought_signature: signature } } } : {}),
  };
  const finish = kind === 'google' ? 'stop' : 'tool_calls';
  const sent = [openAiChunk({ tool_calls: [call] }), openAiChunk({}, finish), 'data: [DONE]\n\n'];
  return { steps: sent.map((send) => ({ send })) };
}

type AnthropicEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

function anthropic(events: readonly AnthropicEvent[]): ScriptedAnswer {
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'strict',
    content: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const all = [{ type: 'message_start', message }, ...events, { type: 'message_stop' }];
  return { steps: all.map((event) => ({ send: anthropicEvent(event) })) };
}
