/**
 * Feeds an answer: sends text and reasoning straight to the answer actor, whoever they come from, notes them as causes,
 * and has the text checkpointed at its pace. An engine's call and an agent outside have one each.
 */
import type { ActorRefFrom } from 'xstate';
import type { AnswerContext, answerLogic } from '../../machines/answer.ts';
import { limits } from '../../schema/limits.ts';
import { isBlank } from '../../schema/text.ts';
import type { SessionCauses } from '../causes/session-causes.ts';
import type { Clock } from '../ports.ts';
import type { CheckpointPace } from './checkpoint-pace.ts';

export type AnswerFeedOptions = {
  readonly clock: Clock;
  readonly pace: CheckpointPace;
  readonly causes: SessionCauses;
  /** The answer; `undefined` before the first `began`, if there is none yet. */
  readonly answer: () => ActorRefFrom<typeof answerLogic> | undefined;
  /** Called before the first piece is sent. */
  readonly began: () => void;
  /** Called when the time has come to checkpoint. */
  readonly checkpoint: () => void;
};

export class AnswerFeed {
  readonly #options: AnswerFeedOptions;
  #began = false;
  #units = 0;
  #isOverfull = false;
  /** White space that waits for the first word of the answer; `null` once that was said. */
  #blankLead: string | null = '';
  #cancelCheckpoint: (() => void) | null = null;

  constructor(options: AnswerFeedOptions) {
    this.#options = options;
  }

  /** True once more was given than an answer may have. */
  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  /** Call it first, if the answer has said something already: so much of it counts. */
  goesOn(text: string, reasoningUnits = 0): void {
    if (text !== '') this.#blankLead = null;
    this.#units = text.length + reasoningUnits;
  }

  /** What there is room for of a text. */
  bounded(text: string): string {
    const room = Math.max(0, limits.answerUnitsMax - this.#units);
    if (text.length > room) this.#isOverfull = true;
    return text.length > room ? text.slice(0, room) : text;
  }

  /** `given` is well-formed. Returns false when nothing is sent: it is empty, or waits for the first word. */
  text(given: string): boolean {
    this.#units += given.length;
    const text = this.#spoken(given);
    if (text === '') return false;
    this.#begin();
    const { causes, answer, clock, pace } = this.#options;
    const at = clock.now();
    causes.piece('text', text.length, at);
    answer()?.send({ type: 'answer.text', text, at });
    this.#cancelCheckpoint ??= clock.after(pace.intervalMs, () => {
      this.#cancelCheckpoint = null;
      this.#options.checkpoint();
    });
    return true;
  }

  reasoning(text: string): void {
    if (text === '') return;
    this.#units += text.length;
    this.#begin();
    const { causes, answer, clock } = this.#options;
    const at = clock.now();
    causes.piece('reasoning', text.length, at);
    answer()?.send({ type: 'answer.reasoning', text, at });
  }

  /** Has the text checkpointed now. */
  checkpoint(): void {
    const event = { type: 'answer.checkpoint' as const, at: this.#options.clock.now() };
    this.#options.causes.heard('answer', event);
    this.#options.answer()?.send(event);
  }

  /** White space that waited is dropped: the first word comes later, or never. */
  dropLead(): void {
    if (this.#blankLead === null) return;
    this.#units -= this.#blankLead.length;
    this.#blankLead = '';
  }

  stop(): void {
    this.#cancelCheckpoint?.();
    this.#cancelCheckpoint = null;
  }

  answerNow(): AnswerContext | undefined {
    return this.#options.answer()?.getSnapshot().context;
  }

  /** An answer of white space alone is no answer, so white space does not begin one (SPEC [MSG4]). */
  #spoken(text: string): string {
    if (this.#blankLead === null) return text;
    if (isBlank(text)) {
      this.#blankLead += text;
      return '';
    }
    const spoken = this.#blankLead + text;
    this.#blankLead = null;
    return spoken;
  }

  #begin(): void {
    if (this.#began) return;
    this.#began = true;
    this.#options.began();
  }
}
