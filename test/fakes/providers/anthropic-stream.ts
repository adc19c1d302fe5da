/** Answers in the streaming format of Anthropic's messages, as its public API reference describes it. */
import type { ScriptedCall } from './openai-stream.ts';
import type { ScriptedAnswer, ScriptStep } from './scripted-provider.ts';

export type AnthropicBlock =
  | { readonly type: 'text'; readonly pieces: readonly string[] }
  | { readonly type: 'thinking'; readonly pieces: readonly string[] }
  | { readonly type: 'tool_use'; readonly call: ScriptedCall };

export type AnthropicScript = {
  readonly blocks: readonly AnthropicBlock[];
  readonly stopReason?: 'end_turn' | 'tool_use' | 'max_tokens';
  readonly usage?: { readonly input: number; readonly output: number };
};

/** One event of the stream; its data repeats its name. */
export function anthropicEvent(data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** All events of an answer, one step each. */
export function anthropicSteps(script: AnthropicScript): readonly ScriptStep[] {
  const { blocks, usage = { input: 7, output: 5 } } = script;
  const asksForTools = blocks.some(({ type }) => type === 'tool_use');
  const stopReason = script.stopReason ?? (asksForTools ? 'tool_use' : 'end_turn');
  const events = [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'scripted',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: usage.input, output_tokens: 1 },
      },
    },
    { type: 'ping' },
    ...blocks.flatMap((block, index) => blockEvents(block, index)),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: usage.output },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => ({ send: anthropicEvent(event) }));
}

export function anthropicAnswer(script: AnthropicScript): ScriptedAnswer {
  return { steps: anthropicSteps(script) };
}

/** An error as the API sends it instead of a stream. */
export function anthropicError(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ScriptedAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    steps: [{ send: JSON.stringify({ type: 'error', error: { type, message } }) }],
  };
}

function blockEvents(block: AnthropicBlock, index: number): readonly { readonly type: string }[] {
  const start = (content_block: object) => ({ type: 'content_block_start', index, content_block });
  const delta = (delta: object) => ({ type: 'content_block_delta', index, delta });
  const stop = { type: 'content_block_stop', index };
  switch (block.type) {
    case 'text':
      return [
        start({ type: 'text', text: '' }),
        ...block.pieces.map((text) => delta({ type: 'text_delta', text })),
        stop,
      ];
    case 'thinking':
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        ...block.pieces.map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: 'c2lnbmVk' }),
        stop,
      ];
    case 'tool_use': {
      const { id, name, arguments: json } = block.call;
      const middle = Math.ceil(json.length / 2);
      return [
        start({ type: 'tool_use', id, name, input: {} }),
        delta({ type: 'input_json_delta', partial_json: json.slice(0, middle) }),
        delta({ type: 'input_json_delta', partial_json: json.slice(middle) }),
        stop,
      ];
    }
  }
}
