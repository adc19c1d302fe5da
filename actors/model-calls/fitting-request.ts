/** The request of one model call, made shorter each time its model refuses it as too long. */
import { limits } from '../../schema/limits.ts';
import type { ModelUsage } from '../../schema/model-usage.ts';
import type { EngineRequest } from '../ports.ts';
import type { BoundedRequest, Question } from './engine-request.ts';
import type { ModelRooms } from './model-rooms.ts';

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
    if (counted !== undefined) this.#rooms.counted(this.#model, { estimated: tokens, counted });
  }

  /** The model refused it as too long. Returns whether it is shorter now. */
  shrink(): boolean {
    const { tokens, isLeast } = this.#bounded;
    this.#rooms.refused(this.#model, tokens);
    if (isLeast || this.#shrinks === limits.modelShrinksMax) return false;
    this.#shrinks++;
    // The last time nothing is left but what must be asked.
    this.#room = this.#shrinks === limits.modelShrinksMax ? 0 : Math.min(this.#room, tokens) / 2;
    this.#bounded = this.#question.request(this.#room);
    return true;
  }

  /** What is too long when nothing more can be left out. */
  get tooLong(): string {
    const what =
      this.request.step === 1 ? 'The message alone is' : 'The message and the steps of its turn are';
    return `${what} too long for the model`;
  }
}
