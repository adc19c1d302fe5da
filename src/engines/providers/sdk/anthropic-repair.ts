/**
 * A stream in the format of Anthropic's messages without what the AI SDK does not know or would stumble over. Our own
 * reader follows it and knows when it is over.
 */
import type { EnginePart } from '../../../../actors/ports.ts';
import { AnthropicReader } from '../anthropic/anthropic-reader.ts';
import { countOf, eventObject, type Foreign, objectOf, textOf } from '../foreign-json.ts';
import type { EventRepair } from './event-repair.ts';

/** The text in each delta, and the one that a block begins with. Calls are told whole, as our reader understood them. */
const deltaTexts = new Map([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'signature'],
]);
const blockTexts = new Map([
  ['text', 'text'],
  ['thinking', 'thinking'],
  ['redacted_thinking', 'data'],
]);

export class AnthropicRepair implements EventRepair {
  readonly #reader = new AnthropicReader({ origin: '', ownName: (name) => name });
  readonly #open = new Set<number>();
  #hasBegun = false;
  #hasTold = false;
  #failure: EnginePart | undefined;

  event(data: string): string {
    if (this.phase() === 'over') return '';
    this.#failure ??= this.#reader.read(data).find(({ type }) => type === 'error');
    const given = eventObject(data);
    if (this.#failure !== undefined || given === undefined) return '';
    return this.#repaired(given).map(written).join('');
  }

  phase(): ReturnType<EventRepair['phase']> {
    return this.#failure === undefined ? this.#reader.phase() : 'over';
  }

  end(): string {
    this.#failure ??= this.#reader.end().find(({ type }) => type === 'error');
    if (this.#failure === undefined) {
      return [...this.#begin({}), ...this.#closeAll(), { type: 'message_stop' }].map(written).join('');
    }
    return written({ type: 'error', error: { type: 'api_error', message: 'The stream failed' } });
  }

  failure(): EnginePart | undefined {
    return this.#failure;
  }

  #repaired(given: Foreign): readonly Foreign[] {
    switch (given['type']) {
      case 'message_start':
        return this.#begin(objectOf(given['message']) ?? {});
      case 'content_block_start': {
        const block = objectOf(given['content_block']) ?? {};
        const index = countOf(given['index']);
        const field = blockTexts.get(textOf(block['type']) ?? '');
        if (field === undefined || index === undefined) return [];
        this.#open.add(index);
        const words = textOf(block[field]) ?? '';
        const start = (text: string) => ({
          type: 'content_block_start',
          index,
          content_block: { ...block, [field]: text },
        });
        if (field === 'data') return [...this.#begin({}), start(words)];
        // The SDK does not look at what a block begins with.
        const first = [field, 'signature'].flatMap((part) => {
          const given = textOf(block[part]);
          const delta = { type: `${part}_delta`, [part]: given };
          return given === undefined ? [] : [{ type: 'content_block_delta', index, delta }];
        });
        return [...this.#begin({}), start(''), ...first];
      }
      case 'content_block_delta':
        return this.#delta(given);
      case 'content_block_stop': {
        const index = countOf(given['index']) ?? -1;
        return this.#open.delete(index) ? [{ type: 'content_block_stop', index }] : [];
      }
      case 'message_delta': {
        const reason = textOf(objectOf(given['delta'])?.['stop_reason']) ?? null;
        const usage = usageOf(given['usage'], ['output_tokens']);
        const delta = { stop_reason: reason, stop_sequence: null };
        return [
          ...this.#begin({}),
          ...(reason === null ? [] : this.#closeAll()),
          { type: 'message_delta', delta, usage: { output_tokens: 0, ...usage } },
        ];
      }
      default:
        return [];
    }
  }

  /** Ends the blocks, and tells the calls, once. */
  #closeAll(): readonly Foreign[] {
    const closed = [...this.#open].map((index) => ({ type: 'content_block_stop', index }));
    this.#open.clear();
    if (this.#hasTold) return closed;
    this.#hasTold = true;
    const calls = this.#reader.end().filter((part) => part.type === 'tool-call');
    return [...closed, ...calls.flatMap(callEvents)];
  }

  /** A delta of a block whose beginning did not come begins it. */
  #delta(given: Foreign): readonly Foreign[] {
    const delta = objectOf(given['delta']) ?? {};
    const type = textOf(delta['type']) ?? '';
    const index = countOf(given['index']) ?? [...this.#open].at(-1) ?? 0;
    const field = deltaTexts.get(type);
    const words = field === undefined ? undefined : textOf(delta[field]);
    if (field === undefined || words === undefined) return [];
    const known = { ...given, index, delta: { type, [field]: words } };
    if (this.#open.has(index)) return [known];
    if (type !== 'text_delta') return [];
    this.#open.add(index);
    const content_block = { type: 'text', text: '' };
    return [...this.#begin({}), { type: 'content_block_start', index, content_block }, known];
  }

  #begin(message: Foreign): readonly Foreign[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    const counts = [
      'input_tokens',
      'output_tokens',
      'cache_read_input_tokens',
      'cache_creation_input_tokens',
    ];
    const usage = { input_tokens: 0, output_tokens: 0, ...usageOf(message['usage'], counts) };
    const { id = 'msg', model = '' } = message;
    return [
      {
        type: 'message_start',
        message: { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage },
      },
    ];
  }
}

/** The SDK reads no call without an id and a name. */
function callEvents(call: Extract<EnginePart, { type: 'tool-call' }>, position: number): readonly Foreign[] {
  const { modelCallId, name, argumentsJson } = call;
  const index = firstCallIndex + position;
  const id = modelCallId === '' ? `call_${position}` : modelCallId;
  return [
    {
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id, name: name === '' ? '_' : name, input: {} },
    },
    { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: argumentsJson } },
    { type: 'content_block_stop', index },
  ];
}

/** Behind all that a provider counts itself. */
const firstCallIndex = 1_000_000;

function usageOf(given: unknown, names: readonly string[]): Foreign {
  const usage = objectOf(given) ?? {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const count = countOf(usage[name]);
      return count === undefined ? [] : [[name, count] as const];
    }),
  );
}

function written(event: Foreign): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
}
