/** Counts what happened in worlds, so that a run can show that it was not vacuous. */
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import type { Counts } from '../named-property.ts';
import { type Fact, type FactOf, nameOfMessage } from './facts.ts';
import { isMessageOrder } from './orders.ts';

export class Tally {
  readonly #counts = new Map<string, number>();
  /** The newest turn of each question. */
  readonly #turns = new Map<string, string>();

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  hear(fact: Fact): void {
    switch (fact.kind) {
      case 'committed':
        this.count('events');
        if (fact.event.type === 'tool.call' && fact.event.data.status === 'awaitingApproval') {
          this.count('calls that waited');
        }
        if (fact.event.type === 'turn.step.started' && fact.event.data.attempt !== undefined) {
          this.count('attempts repeated');
        }
        if (fact.event.type === 'turn.ended') this.count(`turns ${fact.event.data.outcome}`);
        if (fact.event.type === 'turn.queued') this.#asked(fact.event.data);
        if (fact.event.type === 'trace.span.appended' && fact.event.data.origin === 'client') {
          this.count('spans of clients');
        }
        if (fact.event.type === 'message.deleted') this.count('messages deleted');
        if (fact.event.type === 'tool.registered') this.count('tools registered');
        if (fact.event.type === 'tool.updated') this.count('registered tools changed');
        if (fact.event.type === 'tool.deactivated') this.count('registered tools deactivated');
        if (fact.event.type === 'branch.selected') this.count('branches selected');
        if (fact.event.type.startsWith('participant.')) this.count(fact.event.type);
        if (fact.event.type === 'message.updated' && fact.event.data.promptId === undefined) {
          this.count('waiting messages changed or placed');
        }
        return;
      case 'streamed':
        this.count('pieces');
        return;
      case 'modelCalled':
        this.count('model calls');
        return;
      case 'toolRan':
        this.count('tool runs');
        return;
      case 'remoteRan':
        this.count('runs of registered tools');
        return;
      case 'received':
        this.count('frames');
        if (fact.frame.snapshot) this.count('late joins');
        if (fact.frame.number !== undefined) this.count('texts named');
        if (fact.text.startsWith('[')) this.count('compact deltas');
        this.#member(fact);
        if (fact.frame.event === 'resync') this.count('resyncs');
        if (fact.frame.event === 'hello' && fact.frame.data['resumed'] === true) this.count('resumes');
        return;
      case 'remarked':
        this.count(fact.message);
        return;
      case 'denied':
        if (fact.refusal.code === 'not_found') this.count('commands of strangers');
        if (fact.refusal.code === 'forbidden') this.count('commands that a role does not allow');
        return;
      case 'rejected':
        this.count('rejections');
        return;
      case 'answered':
        if (fact.outcome.ok && fact.order.kind === 'approve') this.count('calls approved');
        if (fact.outcome.ok && fact.order.kind === 'deny') this.count('calls denied');
        if (fact.outcome.ok && isMessageOrder(fact.order.kind)) this.count(`done: ${fact.order.kind}`);
        if (!fact.outcome.ok && fact.outcome.refusal.message.includes('is closed'))
          this.count('messages refused by closed sessions');
        this.count(fact.outcome.ok ? 'orders done' : 'orders refused');
        return;
      default:
        return;
    }
  }

  /** A participant hears that it was added, or removed. */
  #member({ reader, frame }: FactOf<'received'>): void {
    // An acknowledgement may have no data.
    if (frame.event !== 'participant.added' && frame.event !== 'participant.removed') return;
    if (frame.data['id'] !== reader.principal.id) return;
    this.count(`members who heard that they were ${frame.event.slice('participant.'.length)}`);
  }

  #asked({ turnId, sessionId, promptId, continuesAt }: DomainEventOf<'turn.queued'>['data']): void {
    const question = nameOfMessage(sessionId, promptId);
    const before = this.#turns.get(question);
    if (before === turnId) return;
    if (continuesAt !== undefined) this.count('answers that went on');
    else if (before !== undefined) this.count('questions answered again');
    this.#turns.set(question, turnId);
  }

  add(other: Tally): void {
    for (const [what, count] of other.#counts) this.count(what, count);
  }

  get counts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
