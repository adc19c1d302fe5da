/**
 * The pieces of an answer that make its actor say the next event. The journal has the text up to each checkpoint, not
 * the pieces, so what is new since the last is given as one piece.
 */
import { type AnyActorRef, isMachineSnapshot } from 'xstate';
import { joined } from '../../machines/growing-text.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { TurnIdentity } from '../../schema/turn-record.ts';
import { contextOf, isAnswerContext } from '../watch/actor-state.ts';
import type { LookAhead } from './replay-look-ahead.ts';
import type { ReplayInput, ReplaySandbox } from './replay-sandbox.ts';

/** Stands for text that was lost with its process: that there was some is known. */
const lostText = '…';

export class AnswerGuess {
  readonly #sandbox: ReplaySandbox;
  readonly #identity: TurnIdentity;
  readonly #turn: AnyActorRef;
  readonly #ahead: LookAhead;

  constructor(
    sandbox: ReplaySandbox,
    turn: { readonly identity: TurnIdentity; readonly actor: AnyActorRef },
    ahead: LookAhead,
  ) {
    this.#sandbox = sandbox;
    this.#identity = turn.identity;
    this.#turn = turn.actor;
    this.#ahead = ahead;
  }

  /** What makes the answer say `event`; `null` when it is not the answer's. */
  upTo(event: DomainEvent): readonly ReplayInput[] | null {
    const { answerId } = this.#identity;
    const { at } = event;
    switch (event.type) {
      case 'message.created':
        return event.data.id === answerId ? this.#began(at, [this.#text(event.data.content, at)]) : null;
      case 'message.checkpoint': {
        if (event.data.messageId !== answerId) return null;
        const { offset, text } = event.data;
        const piece = text.slice(this.#known().text.length - offset);
        const texts = piece === '' ? [] : [this.#text(piece, at)];
        return this.#began(at, [...texts, this.#toAnswer({ type: 'answer.checkpoint', at })]);
      }
      case 'message.reasoning.completed': {
        if (event.data.messageId !== answerId) return null;
        const text = this.#firstOfNext();
        return this.#began(at, [...this.#reasoning(event.data.text, at), this.#text(text, at)]);
      }
      default:
        return null;
    }
  }

  /** What was missing when the answer ended, `offset` events from here. */
  upToEnd(offset: number, at: Milliseconds): readonly ReplayInput[] {
    const { answerId } = this.#identity;
    const pieces: ReplayInput[] = [];
    const updated = this.#ahead.find('message.updated', (event) => event.data.id === answerId);
    const known = this.#known();
    if (updated !== undefined && updated.offset < offset && known.text !== '') {
      const rest = updated.event.data.content.slice(known.text.length);
      if (rest !== '') pieces.push(this.#text(rest, at));
    }
    const reasoned = this.#ahead.find(
      'message.reasoning.completed',
      (event) => event.data.messageId === answerId,
    );
    if (reasoned !== undefined && reasoned.offset < offset) {
      pieces.push(...this.#reasoning(reasoned.event.data.text, at));
    }
    return pieces.length === 0 ? [] : this.#began(at, pieces);
  }

  /** A piece of reasoning that is not known yet. */
  #reasoning(whole: string, at: Milliseconds): readonly ReplayInput[] {
    const piece = whole.slice(this.#known().reasoning.length);
    return piece === '' ? [] : [this.#toAnswer({ type: 'answer.reasoning', text: piece, at })];
  }

  /** Text ended the reasoning; how much of it came at once, nobody knows. */
  #firstOfNext(): string {
    const next = this.#ahead.nextTextOf(this.#identity.answerId);
    if (next === undefined) return lostText;
    if (this.#known().text === '') return next.text;
    const [first] = next.text.slice(this.#known().text.length - next.from);
    return first ?? lostText;
  }

  #known(): { readonly text: string; readonly reasoning: string } {
    const context = this.#answer === undefined ? undefined : contextOf(this.#answer);
    if (!isAnswerContext(context)) return { text: '', reasoning: '' };
    return { text: joined(context.text), reasoning: joined(context.reasoning) };
  }

  get #answer(): AnyActorRef | undefined {
    return this.#sandbox.find('answer');
  }

  #text(text: string, at: Milliseconds): ReplayInput {
    return this.#toAnswer({ type: 'answer.text', text, at });
  }

  /** The answer is there when it is sent to, at the latest since `engine.began`. */
  #toAnswer(event: ReplayInput['event']): ReplayInput {
    return { to: 'answer', event };
  }

  /** The engine says first that it begins to send. */
  #began(at: Milliseconds, pieces: readonly ReplayInput[]): readonly ReplayInput[] {
    const began = { type: 'engine.began', at };
    const snapshot: unknown = this.#turn.getSnapshot();
    const isNews = isMachineSnapshot(snapshot) && snapshot.can(began);
    return isNews ? [{ to: this.#turn.id, event: began }, ...pieces] : pieces;
  }
}
