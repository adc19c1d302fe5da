/** The request of one model call, made shorter each time its model refuses it as too long. */
import type { EngineErrorCode } from '../../schema/engine-error.ts';
import { limits } from '../../schema/limits.ts';
import type { ModelUsage } from '../../schema/model-usage.ts';
import type { EngineRequest } from '../ports.ts';
import { hasAttachments } from './attachment-choice.ts';
import type { BoundedRequest, Question } from './engine-request.ts';
import type { ModelRooms } from './model-rooms.ts';

/**
 * Refusals for which the length of a request may be the reason. Some providers have no name for that and call the
 * request invalid; and whatever else in a history a provider does not take, without it there is an answer.
 */
export type RequestRefusal = 'context_too_long' | 'invalid_request';

export function isRequestRefusal(code: EngineErrorCode | undefined): code is RequestRefusal {
  return code === 'context_too_long' || code === 'invalid_request';
}

export class FittingRequest {
  readonly #rooms: ModelRooms;
  readonly #question: Question;
  readonly #model: string;
  #room: number;
  #shrinks = 0;
  #bounded: BoundedRequest;

  constructor(rooms: ModelRooms, question: Question) {
    const { model = '', contextTokensMax = limits.contextTokensDefault } = question.options;
    this.#rooms = rooms;
    this.#question = question;
    this.#model = model;
    this.#room = rooms.roomOf(model, contextTokensMax);
    this.#bounded = question.request(this.#room);
  }

  get request(): EngineRequest {
    return this.#bounded.request;
  }

  /** For the log. */
  get about(): { readonly model: string; readonly tokens: number } {
    return { model: this.#model, tokens: this.#bounded.tokens };
  }

  /** The model took it. */
  accepted(usage: ModelUsage | undefined): void {
    const { tokens, isCut } = this.#bounded;
    this.#rooms.accepted(this.#model, { estimated: tokens, isCut });
    const counted = usage?.inputTokens;
    // What files cost is not known well enough to learn from it how texts are counted.
    if (counted === undefined || this.request.conversation.some(hasAttachments)) return;
    this.#rooms.counted(this.#model, { estimated: tokens, counted });
  }

  /** The model refused it. Returns whether it is shorter now. */
  shrink(code: RequestRefusal): boolean {
    const { tokens, isLeast } = this.#bounded;
    const isCertain = code === 'context_too_long';
    const shrinksMax = isCertain ? limits.modelShrinksMax : limits.modelGuessedShrinksMax;
    // Where nothing could be left out, a refusal that has no name says nothing of lengths.
    if (isCertain || !isLeast) this.#rooms.refused(this.#model, { estimated: tokens, isCertain });
    if (isLeast || this.#shrinks >= shrinksMax) return false;
    this.#shrinks++;
    // The last time nothing is left but what must be asked.
    this.#room = this.#shrinks >= shrinksMax ? 0 : Math.min(this.#room, tokens) / 2;
    this.#bounded = this.#question.request(this.#room);
    return true;
  }

  /** What to say of a refusal when nothing more can be left out. */
  wordsOf(code: RequestRefusal, message: string): string {
    if (code !== 'context_too_long') return message;
    const what =
      this.request.step === 1 ? 'the message alone is' : 'the message and the steps of its turn are';
    return `${what} too long: ${message}`;
  }
}
