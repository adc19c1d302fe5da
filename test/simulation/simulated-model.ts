/** A model whose calls the world answers piece by piece, in any interleaving. */
import type { Engine, EnginePart, EngineRequest } from '../../actors/ports.ts';

import type { Fact } from './facts.ts';

/** How a model reacts to an abort: it ends, throws, or ignores it. */
export type AbortManners = 'ends' | 'throws' | 'ignores';

export type OddPart = 'unknown part' | 'no part' | 'no text' | 'bad counts' | 'last call again';
export type ModelAnswer =
  | EnginePart
  | { readonly type: 'throw' }
  | { readonly type: 'end' }
  | { readonly type: 'odd'; readonly odd: OddPart };

class ModelCall {
  readonly request: EngineRequest;
  readonly signal: AbortSignal;
  /** How many tool calls it has requested. */
  asked = 0;
  #waiting: PromiseWithResolvers<IteratorResult<EnginePart>> | undefined;
  over = false;
  #lastCall: EnginePart | undefined;

  constructor(request: EngineRequest, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
  }

  /** True when the engine actor waits for its next part. */
  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  next(): Promise<IteratorResult<EnginePart>> {
    if (this.over) return Promise.resolve({ done: true, value: undefined });
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  give(answer: ModelAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (answer.type === 'throw' || answer.type === 'end') this.over = true;
    if (answer.type === 'throw') waiting?.reject(new Error('the model threw'));
    else if (answer.type === 'end') waiting?.resolve({ done: true, value: undefined });
    else waiting?.resolve({ done: false, value: answer.type === 'odd' ? this.#odd(answer.odd) : answer });
    if (answer.type === 'tool-call') this.#lastCall = answer;
  }

  /** A part that its type promises never to be. */
  #odd(odd: OddPart): EnginePart {
    const parts: Readonly<Record<OddPart, unknown>> = {
      'unknown part': { type: 'sparkle', text: 'never seen' },
      'no part': null,
      'no text': { type: 'text', text: { never: 'seen' } },
      'bad counts': {
        type: 'finish',
        usage: { inputTokens: -1, outputTokens: 37.25, reasoningTokens: 1e300 },
      },
      'last call again': this.#lastCall,
    };
    return parts[odd] as EnginePart;
  }

  /** Called when no more parts are wanted. */
  close(): Promise<IteratorResult<EnginePart>> {
    this.over = true;
    this.#waiting = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }
}

export class SimulatedModel implements Engine {
  readonly name = 'simulated';
  readonly #tell: (fact: Fact) => void;
  #calls: ModelCall[] = [];
  manners: AbortManners = 'ends';
  calls = 0;

  constructor(tell: (fact: Fact) => void) {
    this.#tell = tell;
  }

  readonly stream = (request: EngineRequest, signal: AbortSignal): AsyncIterable<EnginePart> => {
    const { sessionId, prompt, step, conversation } = request;
    this.#tell({ kind: 'modelCalled', sessionId, promptId: prompt.id, step, conversation });
    this.calls++;
    const call = new ModelCall(request, signal);
    this.#calls.push(call);
    signal.addEventListener('abort', () => this.#aborted(call), { once: true });
    return {
      [Symbol.asyncIterator]: () => ({ next: () => call.next(), return: () => call.close() }),
    };
  };

  /** Calls that wait for their next part, oldest first. */
  get waiting(): readonly ModelCall[] {
    this.#calls = this.#calls.filter((call) => !call.over);
    return this.#calls.filter((call) => call.waits);
  }

  answer(call: ModelCall, answer: ModelAnswer): void {
    if (answer.type === 'text' && !call.signal.aborted) {
      const { sessionId, prompt, step } = call.request;
      this.#tell({ kind: 'modelSaid', sessionId, promptId: prompt.id, step, text: answer.text });
    }
    if (answer.type === 'tool-call') call.asked++;
    call.give(answer);
  }

  forgetAll(): void {
    this.#calls = [];
  }

  #aborted(call: ModelCall): void {
    if (this.manners === 'ignores') return;
    if (call.waits) call.give({ type: this.manners === 'ends' ? 'end' : 'throw' });
  }
}

export type { ModelCall };
