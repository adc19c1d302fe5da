/**
 * What is under way: texts that are growing and agents that are not idle. Whoever joins in the middle, or comes back
 * after falling behind, is told of them by snapshots ([V1A5]).
 */
import type { AgentActivity } from '../../schema/agent-activity.ts';
import type { DomainEvent, WireNamespace } from '../../schema/event-catalogue.ts';
import { serverFrame } from '../../schema/frame.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { StreamEvent } from '../../schema/stream-event.ts';
import type { WireFormat } from '../../schema/topic.ts';
import { v1SnapshotFrame } from '../../schema/v1-frame.ts';

/** Encoded once per format, when somebody joins. */
class GrowingTextSnapshot {
  readonly #event: StreamEvent;
  readonly #frames = new Map<WireFormat, string>();

  constructor(event: StreamEvent) {
    this.#event = event;
  }

  frame(format: WireFormat): string {
    let frame = this.#frames.get(format);
    if (frame === undefined) {
      const name = this.#event.type === 'message.delta' ? 'message.partial' : 'message.reasoning.partial';
      const data = this.#event.soFar();
      frame = format === 'v1' ? v1SnapshotFrame(name, data) : serverFrame(name, data);
      this.#frames.set(format, frame);
    }
    return frame;
  }
}

type SessionInFlight = {
  activity: AgentActivity | undefined;
  /** By kind and message; an answer may have reasoning beside it. */
  readonly texts: Map<`${StreamEvent['type']} ${MessageId}`, GrowingTextSnapshot>;
};

export class InFlight {
  readonly #sessions = new Map<SessionId, SessionInFlight>();

  /** A piece that has been published. */
  grew(event: StreamEvent): void {
    this.#of(event.sessionId).texts.set(`${event.type} ${event.messageId}`, new GrowingTextSnapshot(event));
  }

  /** A durable event that has been published. */
  told(event: DomainEvent): void {
    switch (event.type) {
      case 'agent.activity':
        // The turn is over: what it left unfinished, an answer that was interrupted too, grows no more.
        if (event.data.state === 'idle') this.#sessions.delete(event.data.sessionId);
        else this.#of(event.data.sessionId).activity = event.data;
        return;
      case 'message.updated':
        this.#ended(event.data.sessionId, `message.delta ${event.data.id}`);
        return;
      case 'message.reasoning.completed':
        this.#ended(event.data.sessionId, `reasoning.delta ${event.data.messageId}`);
        return;
      case 'session.deleted':
        this.#sessions.delete(event.data.id);
        return;
      default:
        return;
    }
  }

  /**
   * Snapshots of what `wants` selects, of `sessions` alone when they are given. Baseline clients know no snapshot of
   * an activity.
   */
  snapshots(
    format: WireFormat,
    wants: (namespace: WireNamespace, sessionId: SessionId) => boolean,
    sessions: Iterable<SessionId> = this.#sessions.keys(),
  ): readonly string[] {
    const frames: string[] = [];
    for (const sessionId of sessions) {
      const session = this.#sessions.get(sessionId);
      if (session === undefined) continue;
      const { activity, texts } = session;
      if (format === 'v1' && activity !== undefined && wants('chat-sessions', sessionId)) {
        frames.push(v1SnapshotFrame('agent.activity', activity));
      }
      if (texts.size > 0 && wants('chat-messages', sessionId)) {
        for (const text of texts.values()) frames.push(text.frame(format));
      }
    }
    return frames;
  }

  #of(sessionId: SessionId): SessionInFlight {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      session = { activity: undefined, texts: new Map() };
      this.#sessions.set(sessionId, session);
      // Only sessions that live can be here; should one be forgotten by its actor, it does not stay for ever.
      const [oldest] = this.#sessions.keys();
      if (this.#sessions.size > limits.sessionsLiveMax && oldest !== undefined) this.#sessions.delete(oldest);
    }
    return session;
  }

  #ended(sessionId: SessionId, key: `${StreamEvent['type']} ${MessageId}`): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.texts.delete(key);
    if (session.texts.size === 0 && session.activity === undefined) this.#sessions.delete(sessionId);
  }
}
