/**
 * What the AI SDK gets instead of `fetch`. The SDK fails a whole answer for one unexpected value and hides comments and
 * pings; so every byte is a sign of life here, and the SDK gets the events as they should have been.
 */
import type { Clock, EnginePart } from '../../../../actors/ports.ts';
import { unreachable } from '../../../../schema/unreachable.ts';
import type { ProviderType } from '../../../config/engine-settings.ts';
import { type ByteSource, beginningOf, Grace } from '../byte-source.ts';
import { EventChunks } from '../event-chunks.ts';
import { askInPlace, type ProviderAnswer } from '../provider-answer.ts';
import { connectionError, noStreamError, overfullError } from '../provider-error.ts';
import { AnthropicRepair } from './anthropic-repair.ts';
import type { EventRepair } from './event-repair.ts';
import { OpenAiRepair } from './openai-repair.ts';
import { googlePhase, PlainRepair, responsesPhase } from './plain-repair.ts';

export class RepairingFetch {
  readonly #options: { readonly type: ProviderType; readonly clock: Clock; readonly alive: () => void };
  #failure: EnginePart | undefined;
  #bytes: ByteSource | undefined;

  constructor(options: { readonly type: ProviderType; readonly clock: Clock; readonly alive: () => void }) {
    this.#options = options;
  }

  /** Why the answer is none, if that could be told from what came. */
  get failure(): EnginePart | undefined {
    return this.#failure;
  }

  /** Nobody waits for the answer any more. */
  stop(): void {
    this.#bytes?.stop();
  }

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { type, clock, alive } = this.#options;
    const address = input instanceof Request ? input.url : String(input);
    const question = {
      method: init.method ?? 'POST',
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : '',
    };
    const answer = await askInPlace(address, question, init.signal ?? new AbortController().signal);
    const { status, statusText, bytes } = answer;
    this.#bytes = bytes;
    alive();
    if (status < 200 || status > 299) {
      const body = await beginningOf(bytes, clock);
      bytes.stop();
      return new Response(body, { status, statusText, headers: answer.headers });
    }
    const repair = repairOf(type);
    const grace = new Grace(clock);
    const events = new EventChunks();
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        let text = '';
        let isOver = false;
        while (text === '' && !isOver) {
          const chunk = await this.#nextChunk(bytes, grace);
          alive();
          text = (chunk === null ? events.rest() : events.next(chunk))
            .map((data) => repair.event(data))
            .join('');
          if (repair.phase() === 'settled' && (grace.over === undefined || text !== '')) grace.begin();
          isOver = chunk === null || repair.phase() === 'over' || events.isHopeless;
        }
        if (isOver) text += this.#end(repair, events, answer);
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (!isOver) return;
        grace.stop();
        controller.close();
      },
      cancel: () => {
        grace.stop();
        bytes.stop();
      },
    });
    const headers = { 'content-type': 'text/event-stream' };
    return new Response(body, { status, statusText, headers });
  };

  /**
   * A connection that breaks behind the reason why the answer ended has broken nothing. Before it, what came is read
   * first: a stream that fails loses what waits in it.
   */
  async #nextChunk(bytes: ByteSource, grace: Grace): Promise<Uint8Array | null> {
    try {
      return await bytes.next(grace.over);
    } catch (cause) {
      if (grace.over === undefined) this.#failure = connectionError(cause);
      return null;
    }
  }

  #end(repair: EventRepair, events: EventChunks, { headers }: ProviderAnswer): string {
    if (this.#failure !== undefined) return '';
    if (repair.phase() === 'open' && events.isOverfull) {
      this.#failure = overfullError();
      return '';
    }
    if (repair.phase() === 'open' && events.otherText !== undefined) {
      this.#failure = noStreamError(headers['content-type'] ?? '', events.otherText);
      return '';
    }
    const text = repair.end();
    this.#failure ??= repair.failure();
    return text;
  }
}

function repairOf(type: ProviderType): EventRepair {
  switch (type) {
    case 'anthropic':
      return new AnthropicRepair();
    case 'openai':
    case 'openai-compatible':
      return new OpenAiRepair();
    case 'openai-responses':
      return new PlainRepair(responsesPhase);
    case 'google':
      return new PlainRepair(googlePhase);
    default:
      return unreachable(type);
  }
}
