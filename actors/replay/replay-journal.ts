/** A session's journal for replays: what was emitted before an event, and the texts in later events. */

import type { MessageFact } from '../../schema/chat-message.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { MessageId, ToolCallId, TurnId } from '../../schema/ids.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import type { EndedStep } from '../../schema/turn-record.ts';
import type { SaidBefore } from '../causes/stored-input.ts';
import type { CausedEvent } from '../ports.ts';

/** The text found for pieces that an answer received. */
export type FoundText = { readonly text: string; readonly complete: boolean };

export class ReplayJournal implements SaidBefore {
  readonly #events: readonly DomainEvent[];
  readonly #texts = new Map<MessageId, string>();
  readonly #marks = new Map<MessageId, readonly MessageMark[]>();
  readonly #calls = new Map<ToolCallId, { readonly argumentsJson: string; readonly result: string }>();
  readonly #steps = new Map<string, EndedStep>();

  constructor(events: readonly CausedEvent[]) {
    this.#events = events.map(({ event }) => event);
  }

  /** The event at `index` and the following ones. */
  from(index: number, count: number): readonly DomainEvent[] {
    return this.#events.slice(index, index + count);
  }

  /** Notes that `event` has been emitted. */
  passed(event: DomainEvent): void {
    switch (event.type) {
      case 'message.created':
      case 'message.updated':
        this.#say(event.data);
        return;
      case 'session.imported':
        for (const message of event.data.messages) this.#say(message);
        return;
      case 'message.checkpoint': {
        const { messageId, offset, text, marks = [] } = event.data;
        this.#texts.set(messageId, (this.#texts.get(messageId) ?? '').slice(0, offset) + text);
        if (marks.length > 0) this.#marks.set(messageId, [...this.marksOf(messageId), ...marks]);
        return;
      }
      case 'tool.call':
      case 'tool.result': {
        const { argumentsJson, result = '' } = event.record;
        this.#calls.set(event.data.id, { argumentsJson, result });
        return;
      }
      case 'turn.step.ended': {
        const { turnId, sessionId: _, timestamp: __, ...step } = event.data;
        this.#steps.set(stepKey(turnId, step.step), step);
        return;
      }
      default:
    }
  }

  textOf(message: MessageId): string | undefined {
    return this.#texts.get(message);
  }

  marksOf(message: MessageId): readonly MessageMark[] {
    return this.#marks.get(message) ?? [];
  }

  #say({ id, content, marks = [] }: MessageFact): void {
    this.#texts.set(id, content);
    if (marks.length === 0) this.#marks.delete(id);
    else this.#marks.set(id, marks);
  }

  callOf(call: ToolCallId) {
    return this.#calls.get(call);
  }

  stepOf(turn: TurnId, step: number): EndedStep | undefined {
    return this.#steps.get(stepKey(turn, step));
  }

  /** `units` of the answer's text from `offset` on, found in the events from `index` on. */
  textFrom(index: number, message: MessageId, offset: number, units: number): FoundText {
    return this.#found(index, units, (event) => {
      switch (event.type) {
        case 'message.created':
        case 'message.updated':
          return event.data.id === message ? event.data.content.slice(offset) : undefined;
        case 'message.checkpoint':
          if (event.data.messageId !== message || event.data.offset > offset) return undefined;
          return event.data.text.slice(offset - event.data.offset);
        default:
          return undefined;
      }
    });
  }

  /** `units` of the answer's reasoning from `offset` on. */
  reasoningFrom(index: number, message: MessageId, offset: number, units: number): FoundText {
    let marked = reasoningIn(this.marksOf(message));
    return this.#found(index, units, (event) => {
      switch (event.type) {
        case 'message.reasoning.completed':
          return event.data.messageId === message ? event.data.text.slice(offset) : undefined;
        case 'turn.step.ended':
          return event.data.reasoning?.text.slice(offset);
        case 'message.checkpoint':
          // The process may have ended before the reasoning had, but its calls had made a part of it.
          if (event.data.messageId !== message) return undefined;
          marked += reasoningIn(event.data.marks ?? []);
          return marked.slice(offset);
        case 'message.created':
        case 'message.updated':
          return event.data.id === message ? reasoningIn(event.data.marks ?? []).slice(offset) : undefined;
        default:
          return undefined;
      }
    });
  }

  /** Text that was lost with its process is replaced by a placeholder of the known length. */
  #found(index: number, units: number, textIn: (event: DomainEvent) => string | undefined): FoundText {
    for (let place = index; place < this.#events.length; place++) {
      const event = this.#events[place];
      const text = event === undefined ? undefined : textIn(event);
      if (text !== undefined && text.length >= units) return { text: text.slice(0, units), complete: true };
    }
    return { text: '…'.repeat(units), complete: false };
  }
}

function reasoningIn(marks: readonly MessageMark[]): string {
  return marks.map(({ part }) => (part?.type === 'reasoning' ? part.text : '')).join('');
}

function stepKey(turn: TurnId, step: number): string {
  return `${turn} ${step}`;
}
