/**
 * What sessions say, in memory: durable events are committed, and later published, in order; pieces of text follow
 * what was emitted before them. Reads of the journal are answered when the test says so.
 */
import {
  type CommittedEvent,
  type EventLog,
  JournalUnavailable,
  type Publisher,
} from '../../../actors/ports.ts';
import { epochSchema } from '../../../schema/cursor.ts';
import { type DomainEvent, eventCatalogue, isWireNamespace } from '../../../schema/event-catalogue.ts';
import { type MessageId, messageIdSchema, type SessionId, sessionIdSchema } from '../../../schema/ids.ts';
import type { StreamEvent } from '../../../schema/stream-event.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';

export const epoch = epochSchema.parse('0b9cf0a4-6c0c-4a51-8a4e-3f6a2c1d9e77');

const idOf = (kind: number, index: number) =>
  `00000000-0000-4000-8000-${(kind * 1_000_000 + index).toString(16).padStart(12, '0')}`;
export const sessionIdOf = (index: number): SessionId => sessionIdSchema.parse(idOf(1, index));

type Emission =
  | { readonly kind: 'durable'; readonly event: DomainEvent; seq: number }
  | { readonly kind: 'piece'; readonly event: StreamEvent };

type Speaker = { readonly id: SessionId; message: { readonly id: MessageId; text: string } | undefined };

export class SimulatedJournal {
  readonly #emitted: Emission[] = [];
  readonly #speakers: readonly Speaker[];
  #committed: CommittedEvent[] = [];
  #seq = 0;
  #messages = 0;
  #reads: (() => void)[] = [];
  oldest = 1;
  broken = false;

  constructor(sessions: number) {
    this.#speakers = Array.from({ length: sessions }, (_, index) => ({
      id: sessionIdOf(index),
      message: undefined,
    }));
  }

  /** Everything that was ever committed and that clients can see. */
  get wire(): readonly CommittedEvent[] {
    return this.#committed.filter(({ event }) => isWireNamespace(eventCatalogue[event.type].namespace));
  }

  /** The text of each answer that has not ended, with its session. */
  growing(): readonly { readonly sessionId: SessionId; readonly id: MessageId; readonly text: string }[] {
    return this.#speakers.flatMap(({ id: sessionId, message }) =>
      message === undefined ? [] : [{ sessionId, ...message }],
    );
  }

  readonly log: EventLog = {
    epoch,
    ofSession: async () => [],
    range: () => this.#answer(() => ({ oldest: this.oldest, newest: this.#committed.at(-1)?.seq ?? 0 })),
    read: ({ after, limit, namespaces, sessionId }) =>
      this.#answer(() =>
        this.wire
          .filter(({ seq, event }) => {
            const { namespace } = eventCatalogue[event.type];
            return (
              seq > after &&
              seq >= this.oldest &&
              namespaces.some((name) => name === namespace) &&
              (sessionId === undefined || event.sessionId === sessionId)
            );
          })
          .slice(0, limit),
      ),
  };

  /** Answers the read that waits longest; false if none does. */
  answerRead(): boolean {
    const read = this.#reads.shift();
    read?.();
    return read !== undefined;
  }

  /** A piece of an answer, which begins if none is under way. */
  speak(index: number, text: string): void {
    const speaker = this.#speaker(index);
    if (speaker.message === undefined) {
      this.#durable({
        type: 'agent.activity',
        sessionId: speaker.id,
        data: { sessionId: speaker.id, state: 'thinking', timestamp: isoTimestamp(0) },
        at: 0,
      });
      speaker.message = { id: messageIdSchema.parse(idOf(2, this.#messages++)), text: '' };
      this.#durable({
        type: 'message.created',
        sessionId: speaker.id,
        data: this.#data(speaker, text),
        at: 0,
      });
    }
    const offset = speaker.message.text.length;
    speaker.message.text += text;
    const data = this.#data(speaker, speaker.message.text);
    const piece = { sessionId: speaker.id, messageId: speaker.message.id, offset, text };
    this.#emitted.push({ kind: 'piece', event: { type: 'message.delta', ...piece, soFar: () => data } });
  }

  /** One more piece of every answer that is under way. */
  growAll(text: string): void {
    for (const [index, { message }] of this.#speakers.entries()) {
      if (message !== undefined) this.speak(index, text);
    }
  }

  /** Something durable in the middle of whatever goes on. */
  trace(index: number): void {
    const { id } = this.#speaker(index);
    const at = isoTimestamp(0);
    this.#durable({
      type: 'agent.activity',
      sessionId: id,
      data: { sessionId: id, state: 'tool', timestamp: at },
      at: 0,
    });
  }

  /** Of no session. */
  configure(): void {
    this.#durable({ type: 'config.updated', sessionId: null, data: { features: {}, theme: 'dark' }, at: 0 });
  }

  end(index: number): void {
    const speaker = this.#speaker(index);
    if (speaker.message === undefined) return;
    this.#durable({
      type: 'agent.activity',
      sessionId: speaker.id,
      data: { sessionId: speaker.id, state: 'idle', timestamp: isoTimestamp(0) },
      at: 0,
    });
    const data = this.#data(speaker, speaker.message.text);
    this.#durable({ type: 'message.updated', sessionId: speaker.id, data, at: 0 });
    speaker.message = undefined;
  }

  /** Commits up to `count` more durable events. */
  commit(count: number): void {
    let left = count;
    for (const emission of this.#emitted) {
      if (left === 0) return;
      if (emission.kind !== 'durable' || emission.seq > 0) continue;
      // Events of other processes of a kind that clients never see leave gaps.
      this.#seq += this.#seq % 5 === 3 ? 2 : 1;
      emission.seq = this.#seq;
      this.#committed.push({ seq: emission.seq, event: emission.event });
      left--;
    }
  }

  /** Publishes up to `count` emissions, as far as they are committed. */
  publish(count: number, publisher: Publisher): void {
    for (let left = count; left > 0; left--) {
      const [emission] = this.#emitted;
      if (emission === undefined || (emission.kind === 'durable' && emission.seq === 0)) return;
      this.#emitted.shift();
      if (emission.kind === 'piece') publisher.stream(emission.event);
      else {
        publisher.durable(emission.event, emission.seq);
        // The outbox lets the first piece follow its `message.created` at once: they are emitted together.
        if (emission.event.type === 'message.created') left++;
      }
    }
  }

  get pending(): number {
    return this.#emitted.length;
  }

  #speaker(index: number): Speaker {
    const speaker = this.#speakers[index % this.#speakers.length];
    if (speaker === undefined) throw new Error('no session');
    return speaker;
  }

  #data(speaker: Speaker, content: string) {
    if (speaker.message === undefined) throw new Error('no message');
    const { id } = speaker.message;
    return { id, sessionId: speaker.id, role: 'assistant' as const, content, createdAt: isoTimestamp(0) };
  }

  #durable(event: DomainEvent): void {
    this.#emitted.push({ kind: 'durable', event, seq: 0 });
  }

  #answer<Value>(value: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#reads.push(() => {
        if (this.broken) reject(new JournalUnavailable('the test says so'));
        else resolve(value());
      });
    });
  }
}
