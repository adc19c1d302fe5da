/**
 * What the AI SDK gets instead of `fetch`. The SDK fails a whole answer for one unexpected value and hides comments and
 * pings; so every byte is a sign of life here, and the SDK gets the events as they should have been.
 */
import type { Clock, EnginePart } from '../../../../actors/ports.ts';
import type { ProviderType } from '../../../config/engine-settings.ts';
import { ByteSource, Grace } from '../byte-source.ts';
import { EventChunks } from '../event-chunks.ts';
import { noStreamError, overfullError } from '../provider-error.ts';
import { fetchInPlace } from '../redirection.ts';
import { AnthropicRepair } from './anthropic-repair.ts';
import type { EventRepair } from './event-repair.ts';
import { OpenAiRepair } from './openai-repair.ts';

export class RepairingFetch {
  readonly #options: { readonly type: ProviderType; readonly clock: Clock; readonly alive: () => void };
  #failure: EnginePart | undefined;

  constructor(options: { readonly type: ProviderType; readonly clock: Clock; readonly alive: () => void }) {
    this.#options = options;
  }

  /** Why the answer is none, if that could be told from what came. */
  get failure(): EnginePart | undefined {
    return this.#failure;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const { type, clock, alive } = this.#options;
    const response = await fetchInPlace(input instanceof Request ? input.url : String(input), init ?? {});
    alive();
    if (!response.ok || response.body === null) return response;
    const repair: EventRepair = type === 'anthropic' ? new AnthropicRepair() : new OpenAiRepair();
    const bytes = new ByteSource(response);
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
        if (isOver) text += this.#end(repair, events, response);
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (!isOver) return;
        grace.stop();
        controller.close();
      },
      cancel: () => {
        grace.stop();
        return bytes.cancel();
      },
    });
    const headers = { 'content-type': 'text/event-stream' };
    return new Response(body, { status: response.status, statusText: response.statusText, headers });
  };

  /** A connection that breaks behind the reason why the answer ended has broken nothing. */
  async #nextChunk(bytes: ByteSource, grace: Grace): Promise<Uint8Array | null> {
    try {
      return await bytes.next(grace.over);
    } catch (cause) {
      if (grace.over !== undefined) return null;
      throw cause;
    }
  }

  #end(repair: EventRepair, events: EventChunks, response: Response): string {
    if (repair.phase() === 'open' && events.isOverfull) {
      this.#failure = overfullError();
      return '';
    }
    if (repair.phase() === 'open' && events.otherText !== undefined) {
      this.#failure = noStreamError(response.headers.get('content-type') ?? '', events.otherText);
      return '';
    }
    const text = repair.end();
    this.#failure ??= repair.failure();
    return text;
  }
}
