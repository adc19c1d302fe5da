/**
 * What a journal tells of what comes next: a session's events in order, looked at from one of them. What one message
 * led to was written together, so the end of a turn is found right behind its first sign.
 */
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';
import type { CommandId, MessageId } from '../../schema/ids.ts';
import type { TurnIdentity } from '../../schema/turn-record.ts';
import type { CommittedEvent } from '../ports.ts';

/** More than the events of any one message. */
const sightMax = 200;

export class LookAhead {
  readonly #events: readonly CommittedEvent[];
  readonly #from: number;

  constructor(events: readonly CommittedEvent[], from: number) {
    this.#events = events;
    this.#from = from;
  }

  /** `0`: the event itself. */
  at(offset: number): DomainEvent | undefined {
    return this.#events[this.#from + offset]?.event;
  }

  /** The first within sight that `test` accepts, and how far away. */
  find<Type extends DomainEvent['type']>(
    type: Type,
    test: (event: DomainEventOf<Type>) => boolean = () => true,
    start = 0,
  ): { readonly event: DomainEventOf<Type>; readonly offset: number } | undefined {
    for (let offset = start; offset < sightMax; offset++) {
      const event = this.at(offset);
      if (event === undefined) return undefined;
      if (isOf(event, type) && test(event)) return { event, offset };
    }
    return undefined;
  }

  /** The events of one type from `start` on, without a gap. */
  run<Type extends DomainEvent['type']>(
    type: Type,
    start: number,
    test: (event: DomainEventOf<Type>) => boolean = () => true,
  ): DomainEventOf<Type>[] {
    const found: DomainEventOf<Type>[] = [];
    for (let offset = start; ; offset++) {
      const event = this.at(offset);
      if (event === undefined || !isOf(event, type) || !test(event)) return found;
      found.push(event);
    }
  }

  /** The end of `turn`, if everything from `start` up to it can belong to it. */
  endOf(
    turn: TurnIdentity,
    start = 0,
  ): { readonly event: DomainEventOf<'turn.ended'>; readonly offset: number } | undefined {
    let reasoned = 0;
    for (let offset = start; offset < start + sightMax; offset++) {
      const event = this.at(offset);
      if (event === undefined) return undefined;
      if (event.type === 'turn.ended' && event.data.turnId === turn.turnId) return { event, offset };
      if (!belongsToEnd(event, turn)) return undefined;
      // An end closes the reasoning once: one of two was closed by text.
      if (event.type === 'message.reasoning.completed' && ++reasoned > 1) return undefined;
    }
    return undefined;
  }

  /** The session is deleted right there: its last `session.updated` and `session.deleted`. */
  deletesAt(offset: number): boolean {
    const updated = this.at(offset);
    return (
      updated?.type === 'session.updated' &&
      updated.commandId === undefined &&
      this.at(offset + 1)?.type === 'session.deleted'
    );
  }

  /** What the client called the command, if it did. */
  nameOf(command: CommandId | undefined): DomainEventOf<'command.completed'> | undefined {
    if (command === undefined) return undefined;
    return this.find('command.completed', (event) => event.commandId === command)?.event;
  }

  /** The text of a message as far as it is known next: at its checkpoint, or its end. */
  nextTextOf(message: MessageId): { readonly from: number; readonly text: string } | undefined {
    for (let index = this.#from; index < this.#events.length; index++) {
      const event = this.#events[index]?.event;
      if (event?.type === 'message.checkpoint' && event.data.messageId === message) {
        return { from: event.data.offset, text: event.data.text };
      }
      const isWhole = event?.type === 'message.updated' || event?.type === 'message.created';
      if (isWhole && event.data.id === message) return { from: 0, text: event.data.content };
    }
    return undefined;
  }

  /** The engine's name, as the next event that carries one has it. */
  agentId(): string {
    for (let index = this.#from; index < this.#events.length; index++) {
      const event = this.#events[index]?.event;
      const named =
        event?.type === 'tool.call' ||
        event?.type === 'tool.result' ||
        event?.type === 'message.reasoning.completed';
      if (named) return event.data.agentId ?? '';
    }
    return '';
  }
}

function isOf<Type extends DomainEvent['type']>(
  event: DomainEvent,
  type: Type,
): event is DomainEvent & DomainEventOf<Type> {
  return event.type === type;
}

function belongsToEnd(event: DomainEvent, turn: TurnIdentity): boolean {
  switch (event.type) {
    case 'tool.result':
      return event.record.turnId === turn.turnId && event.data.status === 'failed';
    case 'trace.updated':
      return event.data.id === turn.traceId && event.data.status !== 'running';
    case 'message.reasoning.completed':
      return event.data.messageId === turn.answerId;
    case 'message.updated':
      return event.data.id === turn.answerId || event.data.id === turn.failureId;
    case 'message.created':
      return event.data.id === turn.failureId;
    case 'session.updated':
      return event.commandId === undefined;
    case 'agent.activity':
      return event.data.state === 'error' || event.data.state === 'idle' || event.data.state === 'tool-error';
    default:
      return false;
  }
}
