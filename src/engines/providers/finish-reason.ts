/** Why a model call ended, from the many words that providers have for it. */
import type { EnginePart } from '../../../actors/ports.ts';
import type { FinishReason } from '../../../schema/model-usage.ts';

const words: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['complete', 'stop'],
  ['completed', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['max_output_tokens', 'length'],
  ['max_length', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_calls', 'tool-calls'],
  ['tool_call', 'tool-calls'],
  ['tool_use', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['safety', 'content-filter'],
  ['refusal', 'content-filter'],
  ['recitation', 'content-filter'],
  ['blocklist', 'content-filter'],
  ['prohibited_content', 'content-filter'],
  ['spii', 'content-filter'],
  ['sensitive', 'content-filter'],
]);

/** Those that say that the provider failed in the middle. */
const failures = new Set([
  'error',
  'network_error',
  'insufficient_system_resource',
  'abort',
  'aborted',
  'cancelled',
]);

/** Not by case, nor by `-` or `_`; `undefined` when the word says that the provider failed. */
export function finishReasonOf(given: string): FinishReason | undefined {
  const word = given.toLowerCase().replaceAll('-', '_');
  return failures.has(word) ? undefined : (words.get(word) ?? 'other');
}

export function failedFinish(given: string): EnginePart {
  return { type: 'error', message: `The provider broke off: ${given.slice(0, 64)}`, code: 'unavailable' };
}
