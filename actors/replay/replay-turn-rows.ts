/** What the rows say of a turn in the middle of its work: what one that waits for a person goes on from (I11). */
import type { ResumedTurn, TurnCall } from '../../machines/turn-context.ts';
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';
import type { MessageId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { type Milliseconds, millisecondsOf } from '../../schema/timestamp.ts';
import type { EndedStep } from '../../schema/turn-record.ts';

export class ReplayTurnRows {
  readonly #turnId: TurnId;
  readonly #answerId: MessageId;
  readonly #steps: EndedStep[] = [];
  readonly #calls = new Map<ToolCallId, TurnCall>();
  #step = 0;
  #text: string | null = null;
  #createdAt: Milliseconds | null = null;

  constructor(turn: { readonly turnId: TurnId; readonly answerId: MessageId }) {
    this.#turnId = turn.turnId;
    this.#answerId = turn.answerId;
  }

  /** It had begun a model call, and no actor can be made that goes on with it. */
  get isMidway(): boolean {
    return this.#step > 0 && this.resumed === undefined;
  }

  /** `undefined`: it waits for nobody. */
  get resumed(): ResumedTurn | undefined {
    const calls = [...this.#calls.values()];
    if (!calls.some(({ status }) => status === 'awaitingApproval')) return undefined;
    const reasoning = this.#steps.at(-1)?.reasoning ?? null;
    const isSilent = this.#text === null && reasoning === null;
    return {
      step: this.#step,
      steps: this.#steps,
      calls: calls.filter(({ step }) => step === this.#step),
      earlierCalls: calls.filter(({ step }) => step < this.#step),
      answer: isSilent ? null : { text: this.#text, createdAt: this.#createdAt, reasoning },
    };
  }

  apply(event: DomainEvent): void {
    switch (event.type) {
      case 'turn.step.started':
        if (event.data.turnId === this.#turnId) this.#step = event.data.step;
        return;
      case 'turn.step.ended': {
        const { turnId, sessionId: _, timestamp: __, ...step } = event.data;
        if (turnId === this.#turnId) this.#steps.push(step);
        return;
      }
      case 'tool.call':
      case 'tool.result':
        if (event.record.turnId === this.#turnId) this.#calls.set(event.data.id, callOf(event));
        return;
      case 'message.created':
      case 'message.updated':
        if (event.data.id !== this.#answerId) return;
        this.#text = event.data.content;
        this.#createdAt = millisecondsOf(event.data.createdAt);
        return;
      case 'message.checkpoint': {
        const { messageId, offset, text } = event.data;
        if (messageId === this.#answerId) this.#text = (this.#text ?? '').slice(0, offset) + text;
        return;
      }
      default:
    }
  }
}

function callOf({ data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>): TurnCall {
  return {
    id: data.id,
    modelCallId: record.modelCallId,
    name: data.name,
    argumentsJson: record.argumentsJson,
    step: record.step ?? 1,
    needsApproval: record.needsApproval ?? false,
    approvalTimeoutMs: null,
    approvalDeadline: record.approvalDeadline ?? null,
    approval: data.approval ?? null,
    status: data.status,
    result: record.result ?? '',
    ranMs: 0,
  };
}
