/**
 * Reads a stream in the format of Anthropic's messages. Lenient: unknown events, blocks and deltas are ignored, and
 * nothing behind a stop reason can make a failure of a success.
 */
import type { EnginePart } from '../../../../actors/ports.ts';
import type { FinishReason, ModelUsage } from '../../../../schema/model-usage.ts';
import { failedFinish, finishReasonOf } from '../finish-reason.ts';
import { countOf, eventObject, type Foreign, objectOf, textOf } from '../foreign-json.ts';
import type { StreamReader } from '../model-format.ts';
import { brokenOffError, streamError } from '../provider-error.ts';
import { type ThinkingBlock, thinkingContinuation } from './anthropic-continuation.ts';

type Call = { readonly id: string; readonly name: string; input: string; pieces: string; isDamaged: boolean };
type Thought = {
  thinking: string;
  signature: string;
  /** Encrypted; absent when it can be read. */
  readonly data: string | undefined;
  readonly textUnits: number;
  readonly calls: number;
};
type OpenBlock =
  | { readonly kind: 'text' }
  | { readonly kind: 'thinking'; readonly thought: Thought }
  | OpenCall;
type OpenCall = { readonly kind: 'call'; readonly call: Call };

export class AnthropicReader implements StreamReader {
  readonly #origin: string;
  readonly #ownName: (told: string) => string;
  readonly #blocks = new Map<string, OpenBlock>();
  readonly #calls: Call[] = [];
  readonly #thoughts: Thought[] = [];
  readonly #oddities: string[] = [];
  #lastIndex = '';
  #textUnits = 0;
  #reason: FinishReason | undefined;
  #failure: EnginePart | undefined;
  #over = false;
  /** The last event that belongs to no message. */
  #stray: Foreign | undefined;
  #model: string | undefined;
  #usage: ModelUsage = {};

  constructor(options: { readonly origin: string; readonly ownName: (told: string) => string }) {
    this.#origin = options.origin;
    this.#ownName = options.ownName;
  }

  read(data: string): readonly EnginePart[] {
    // What gateways to other providers end with.
    if (!data.startsWith('{') && data.trim().toUpperCase() === '[DONE]') {
      this.#over = true;
      return [];
    }
    const event = eventObject(data);
    if (event === undefined) {
      this.#noteUnreadable(data);
      return [];
    }
    const failure = this.#reason === undefined ? streamError(event) : undefined;
    if (failure !== undefined) return [failure];
    switch (event['type']) {
      case 'message_start': {
        const message = objectOf(event['message']) ?? {};
        this.#model ??= textOf(message['model']);
        this.#readUsage(message['usage']);
        return [];
      }
      case 'content_block_start':
        return this.#openBlock(this.#indexOf(event), objectOf(event['content_block']) ?? {});
      case 'content_block_delta':
        return this.#readDelta(this.#indexOf(event), objectOf(event['delta']) ?? {});
      case 'content_block_stop':
        this.#blocks.delete(this.#indexOf(event));
        return [];
      case 'message_delta': {
        this.#readUsage(event['usage']);
        const given = textOf(objectOf(event['delta'])?.['stop_reason']);
        if (given !== undefined) this.#settle(given);
        return [];
      }
      case 'message_stop':
        this.#over = true;
        return [];
      default:
        this.#stray = event;
        return [];
    }
  }

  phase(): 'open' | 'settled' | 'over' {
    if (this.#over) return 'over';
    return this.#reason === undefined ? 'open' : 'settled';
  }

  end(): readonly EnginePart[] {
    if (this.#failure !== undefined) return [this.#failure];
    const done = this.#calls.length > 0 ? 'tool-calls' : 'stop';
    const reason = this.#reason ?? (this.#over ? done : undefined);
    if (reason === undefined) {
      return [brokenOffError(this.#stray)];
    }
    const continuation = thinkingContinuation(this.#thoughts.flatMap(thinkingBlock));
    return [
      ...this.#calls.map((call) => this.#callPart(call)),
      {
        type: 'finish',
        reason,
        usage: this.#usage,
        origin: this.#origin,
        ...(this.#model === undefined ? {} : { model: this.#model }),
        ...(continuation === undefined ? {} : { continuation }),
      },
    ];
  }

  oddities(): readonly string[] {
    return this.#oddities;
  }

  #callPart({ id, name, input, pieces, isDamaged }: Call): EnginePart {
    const written = pieces.trim() === '' ? input : pieces;
    // No JSON, so that it is refused and the model is told why.
    const argumentsJson = isDamaged ? `${written} [a part of this was lost on the way]` : written;
    return { type: 'tool-call', modelCallId: id, name: this.#ownName(name.trim()), argumentsJson };
  }

  #settle(given: string): void {
    const reason = finishReasonOf(given);
    if (reason !== undefined) this.#reason = reason;
    else if (this.#reason === undefined) this.#failure = failedFinish(given);
  }

  /** An event without an index is about the block that began last. */
  #indexOf(event: Foreign): string {
    const index = countOf(event['index']);
    if (index !== undefined) this.#lastIndex = String(index);
    return this.#lastIndex;
  }

  #openBlock(index: string, block: Foreign): readonly EnginePart[] {
    switch (block['type']) {
      case 'text':
        this.#blocks.set(index, { kind: 'text' });
        return this.#text(block['text']);
      case 'thinking': {
        const thought = this.#newThought(undefined);
        thought.signature = textOf(block['signature']) ?? '';
        this.#blocks.set(index, { kind: 'thinking', thought });
        return this.#thinking(thought, block['thinking']);
      }
      case 'redacted_thinking':
        this.#newThought(textOf(block['data']) ?? '');
        return [];
      case 'tool_use':
        this.#openCall(index, block);
        return [];
      default:
        // Tools that run at the provider, and whatever is new.
        this.#blocks.delete(index);
        return [];
    }
  }

  #openCall(index: string, block: Foreign): void {
    const id = textOf(block['id']) ?? '';
    const name = textOf(block['name']) ?? '';
    // Its beginning came again, before anything of it did.
    const open = this.#blocks.get(index);
    if (open?.kind === 'call' && id !== '' && open.call.id === id && open.call.pieces === '') return;
    // Some give the whole input here, and no pieces.
    const call: Call = { id, name, input: writtenOf(block['input']), pieces: '', isDamaged: false };
    this.#calls.push(call);
    this.#blocks.set(index, { kind: 'call', call });
  }

  #readDelta(index: string, delta: Foreign): readonly EnginePart[] {
    const block = this.#blocks.get(index);
    switch (delta['type']) {
      case 'text_delta':
        return this.#text(delta['text']);
      case 'thinking_delta':
        return this.#thinking(this.#thoughtOf(index, block), delta['thinking']);
      case 'signature_delta':
        this.#thoughtOf(index, block).signature += textOf(delta['signature']) ?? '';
        return [];
      case 'input_json_delta':
        if (block?.kind === 'call') block.call.pieces += writtenOf(delta['partial_json']);
        return [];
      default:
        return [];
    }
  }

  #text(given: unknown): readonly EnginePart[] {
    const text = textOf(given);
    if (text === undefined) return [];
    this.#textUnits += text.length;
    return [{ type: 'text', text }];
  }

  #thinking(thought: Thought, given: unknown): readonly EnginePart[] {
    const text = textOf(given);
    if (text === undefined) return [];
    thought.thinking += text;
    return [{ type: 'reasoning', text }];
  }

  /** Its beginning may not have come. */
  #thoughtOf(index: string, block: OpenBlock | undefined): Thought {
    if (block?.kind === 'thinking') return block.thought;
    const thought = this.#newThought(undefined);
    this.#blocks.set(index, { kind: 'thinking', thought });
    return thought;
  }

  #newThought(data: string | undefined): Thought {
    const thought = {
      thinking: '',
      signature: '',
      data,
      textUnits: this.#textUnits,
      calls: this.#calls.length,
    };
    this.#thoughts.push(thought);
    return thought;
  }

  #readUsage(given: unknown): void {
    const usage = objectOf(given);
    if (usage === undefined) return;
    const cached = countOf(usage['cache_read_input_tokens']);
    const fresh = countOf(usage['input_tokens']);
    const output = countOf(usage['output_tokens']);
    const written = countOf(usage['cache_creation_input_tokens']) ?? 0;
    this.#usage = {
      ...this.#usage,
      // The format counts apart what it read from, and wrote to, its cache.
      ...(fresh === undefined ? {} : { inputTokens: fresh + (cached ?? 0) + written }),
      ...(output === undefined ? {} : { outputTokens: output }),
      ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    };
  }

  #noteUnreadable(data: string): void {
    if (this.#oddities.length < odditiesMax) this.#oddities.push(data.slice(0, oddityUnitsMax));
    if (!data.trimStart().startsWith('{')) return;
    // It may have been a piece of any call that is still being written.
    for (const block of this.#blocks.values()) if (block.kind === 'call') block.call.isDamaged = true;
  }
}

const odditiesMax = 3;
const oddityUnitsMax = 200;

/** Arguments as text, whether they come as that or as what it says. Empty when nothing is in them. */
function writtenOf(given: unknown): string {
  if (typeof given === 'string') return given;
  const isEmpty = given === undefined || given === null || JSON.stringify(given) === '{}';
  return isEmpty ? '' : JSON.stringify(given);
}

/** Thinking without a signature is not wanted back. */
function thinkingBlock({ thinking, signature, data, textUnits, calls }: Thought): readonly ThinkingBlock[] {
  if (data !== undefined) return [{ textUnits, calls, block: { type: 'redacted_thinking', data } }];
  if (signature === '') return [];
  return [{ textUnits, calls, block: { type: 'thinking', thinking, signature } }];
}
