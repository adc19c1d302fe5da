/** Answers in the streaming format of OpenAI's responses API, as its reference describes it. */
import type { ScriptedCall } from './openai-stream.ts';
import type { ScriptedAnswer, ScriptStep } from './scripted-provider.ts';

export type ResponsesScript = {
  readonly text?: readonly string[];
  readonly reasoning?: readonly string[];
  readonly calls?: readonly ScriptedCall[];
  /** Why it is incomplete. */
  readonly incomplete?: 'max_output_tokens' | 'content_filter';
};

export function responsesEvent(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const usage = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 12,
};

export function responsesSteps(script: ResponsesScript): readonly ScriptStep[] {
  const { text = [], reasoning = [], calls = [], incomplete } = script;
  const response = { id: 'resp_1', created_at: 1_790_000_000, model: 'scripted' };
  const sent = [
    responsesEvent('response.created', { response: { ...response, status: 'in_progress' } }),
    ...(reasoning.length === 0 ? [] : reasoningEvents(reasoning)),
    ...(text.length === 0 ? [] : textEvents(text)),
    ...calls.flatMap((call, index) => callEvents(call, index + 2)),
    responsesEvent(incomplete === undefined ? 'response.completed' : 'response.incomplete', {
      response: {
        ...response,
        status: incomplete === undefined ? 'completed' : 'incomplete',
        incomplete_details: incomplete === undefined ? null : { reason: incomplete },
        usage,
      },
    }),
  ];
  return sent.map((send) => ({ send }));
}

export function responsesAnswer(script: ResponsesScript): ScriptedAnswer {
  return { steps: responsesSteps(script) };
}

function reasoningEvents(pieces: readonly string[]): readonly string[] {
  const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5j' };
  return [
    responsesEvent('response.output_item.added', { output_index: 0, item }),
    responsesEvent('response.reasoning_summary_part.added', { item_id: 'rs_1', summary_index: 0 }),
    ...pieces.map((delta) =>
      responsesEvent('response.reasoning_summary_text.delta', { item_id: 'rs_1', summary_index: 0, delta }),
    ),
    responsesEvent('response.reasoning_summary_part.done', { item_id: 'rs_1', summary_index: 0 }),
    responsesEvent('response.output_item.done', { output_index: 0, item }),
  ];
}

function textEvents(pieces: readonly string[]): readonly string[] {
  const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  return [
    responsesEvent('response.output_item.added', { output_index: 1, item }),
    ...pieces.map((delta) =>
      responsesEvent('response.output_text.delta', {
        item_id: 'msg_1',
        output_index: 1,
        content_index: 0,
        delta,
      }),
    ),
    responsesEvent('response.output_item.done', { output_index: 1, item }),
  ];
}

function callEvents({ id, name, arguments: written }: ScriptedCall, index: number): readonly string[] {
  const item = { type: 'function_call', id: `fc_${id}`, call_id: id, name, arguments: '' };
  const about = { item_id: item.id, output_index: index };
  return [
    responsesEvent('response.output_item.added', { output_index: index, item }),
    responsesEvent('response.function_call_arguments.delta', { ...about, delta: written }),
    responsesEvent('response.function_call_arguments.done', { ...about, arguments: written }),
    responsesEvent('response.output_item.done', {
      output_index: index,
      item: { ...item, arguments: written, status: 'completed' },
    }),
  ];
}
