/**
 * Everything in progress: texts that are growing, agents that are not idle, turns that wait for an outside agent, model
 * calls that are made again. A client that joins in the middle, or
 * returns after falling behind, gets snapshots of it ([V1A5]).
 *
 * For each text this keeps the newest published piece. The piece has no copy of the text: `soFar` reads what the answer
 * actor holds (`machines/growing-text.ts`). The actor cannot be asked instead, because its text may be longer than what
 * has been published: a snapshot made from it would contain text that the next delta brings again. An entry lives from
 * the first published piece until the text or its turn ends; an encoded snapshot lives until the next piece.
 */
import { type AgentActivity, shownActivity } from '../../../schema/agent-activity.ts';
import { baselineMessage, isAnswer, shownMessage } from '../../../schema/chat-message.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { eventOfPiece, type TextPiece } from '../../../schema/text-piece.ts';
import type { TurnOffered } from '../../../schema/turn-offer.ts';
import type { TurnRetrying } from '../../../schema/turn-retry.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import {
  announcing,
  callboardV1DeltaFrames,
  callboardV1SnapshotFrame,
  compactDeltaFrame,
} from '../../../schema/wire/callboard-v1-frame.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import {
  type Audience,
  type CallboardV1Form,
  formTopicsOf,
  type Topic,
  type WireFormat,
} from '../../../schema/wire/topic.ts';
import { deltaOf, type WireNamespace } from '../../../schema/wire-event-table.ts';

/** A growing text: its newest piece, and the parts that all its frames share. */
class TextInFlight {
  /** What it is called in compact frames ([V1F2]). */
  readonly #number: number;
  #newest: TextPiece;
  #topics: TextTopics | undefined;
  #deltaFrames: ((offset: number, text: string) => string) | undefined;
  /** Snapshots of `#newest`, each encoded when a client joins. */
  #callboardV1: string | undefined;
  #baseline: string | undefined;

  constructor(first: TextPiece, number: number) {
    this.#newest = first;
    this.#number = number;
  }

  /** The topics to which its frames of each form are published; made again when the audiences are others. */
  topicsOf(namespace: WireNamespace, audiences: readonly Audience[]): TextTopics {
    if (this.#topics?.audiences !== audiences) {
      const addressed = { namespace, sessionId: this.#newest.sessionId, audiences };
      this.#topics = {
        audiences,
        v1: formTopicsOf('v1', addressed),
        compact: formTopicsOf('compact', addressed),
      };
    }
    return this.#topics;
  }

  /**
   * The frame with which the text begins for those who hear it now. A text that goes on begins with a snapshot: who has
   * joined since it ended does not have what there was.
   */
  opening(form: CallboardV1Form, offset: number, text: string): string {
    if (offset > 0) return this.snapshot(form);
    const frame = this.delta('v1', offset, text);
    return form === 'compact' ? announcing(frame, this.#number) : frame;
  }

  delta(form: CallboardV1Form, offset: number, text: string): string {
    if (form === 'compact') return compactDeltaFrame(this.#number, offset, text);
    this.#deltaFrames ??= callboardV1DeltaFrames(deltaOf[eventOfPiece[this.#newest.type]], this.#newest);
    return this.#deltaFrames(offset, text);
  }

  grew(piece: TextPiece): void {
    this.#newest = piece;
    this.#callboardV1 = undefined;
    this.#baseline = undefined;
  }

  snapshot(format: WireFormat): string {
    const name = eventOfPiece[this.#newest.type];
    switch (format) {
      case 'v1':
        this.#callboardV1 ??= callboardV1SnapshotFrame(name, shownSoFar(this.#newest));
        return this.#callboardV1;
      case 'compact':
        return announcing(this.snapshot('v1'), this.#number);
      case 'baseline':
        this.#baseline ??= serverFrame(name, baselineSoFar(this.#newest));
        return this.#baseline;
      default:
        return unreachable(format);
    }
  }
}

type TextTopics = Readonly<Record<CallboardV1Form, readonly Topic[]>> & {
  readonly audiences: readonly Audience[];
};

function shownSoFar(piece: TextPiece): object {
  return piece.type === 'message.delta' ? shownMessage(piece.soFar()) : piece.soFar();
}

function baselineSoFar(piece: TextPiece): object {
  return piece.type === 'message.delta' ? baselineMessage(piece.soFar()) : piece.soFar();
}

type SessionInFlight = {
  activity: AgentActivity | undefined;
  /** A turn that waits for an outside agent. */
  offer: TurnOffered | undefined;
  /** A model call that failed and is made again. */
  retry: TurnRetrying | undefined;
  /** Growing texts by message; a message may have an answer and reasoning at the same time. */
  readonly texts: Readonly<Record<TextPiece['type'], Map<MessageId, TextInFlight>>>;
};

export class InFlight {
  readonly #sessions = new Map<SessionId, SessionInFlight>();
  /** How many texts there have been. It numbers them: a number is never given twice ([V1F2]). */
  #texts = 0;

  /** Whether the text of the piece is in progress. */
  knows({ type, sessionId, messageId }: TextPiece): boolean {
    return this.#sessions.get(sessionId)?.texts[type].has(messageId) === true;
  }

  /** Takes a piece that is about to be published; returns the text to which it belongs. */
  grew(piece: TextPiece): TextInFlight {
    const texts = this.#of(piece.sessionId).texts[piece.type];
    let text = texts.get(piece.messageId);
    if (text === undefined) {
      this.#texts++;
      text = new TextInFlight(piece, this.#texts);
      texts.set(piece.messageId, text);
    } else {
      text.grew(piece);
    }
    return text;
  }

  /** Takes a durable or volatile event that is published. */
  told(event: DomainEvent): void {
    switch (event.type) {
      case 'agent.activity':
        // The turn is over: its unfinished texts, such as an interrupted answer, grow no more.
        if (event.data.state === 'idle') this.#sessions.delete(event.data.sessionId);
        else {
          const session = this.#of(event.data.sessionId);
          session.activity = shownActivity(event.data);
          session.retry = undefined;
        }
        return;
      case 'turn.retrying':
        this.#of(event.data.sessionId).retry = event.data;
        return;
      case 'message.created':
        // The model answers: the attempt has succeeded.
        if (isAnswer(event.data)) this.#heard(event.data.sessionId);
        return;
      case 'message.updated':
        // An answer that goes on is told as `streaming` again, before its first new piece.
        if (event.data.status === 'streaming') this.#heard(event.data.sessionId);
        else {
          this.#ended(event.data.sessionId, 'message.delta', event.data.id);
        }
        return;
      case 'message.reasoning.completed':
        this.#ended(event.data.sessionId, 'reasoning.delta', event.data.messageId);
        return;
      case 'turn.offered':
        this.#of(event.data.sessionId).offer = event.data;
        return;
      case 'turn.claimed':
      case 'turn.withdrawn':
        this.#of(event.data.sessionId).offer = undefined;
        return;
      case 'session.deleted':
        this.#sessions.delete(event.data.id);
        return;
      default:
        return;
    }
  }

  /**
   * Snapshots of what `wants` selects; if `sessions` are given, of those alone. Baseline clients have no snapshot
   * frame for an activity; `baselineActivities` tells them of it in its ordinary frame.
   */
  snapshots(
    format: WireFormat,
    wants: (namespace: WireNamespace, sessionId: SessionId, addressee?: string | null) => boolean,
    sessions: Iterable<SessionId> = this.#sessions.keys(),
  ): readonly string[] {
    const frames: string[] = [];
    for (const sessionId of sessions) {
      const session = this.#sessions.get(sessionId);
      if (session === undefined) continue;
      const { activity, offer, retry, texts } = session;
      if (format !== 'baseline' && activity !== undefined && wants('chat-sessions', sessionId)) {
        frames.push(callboardV1SnapshotFrame('agent.activity', activity));
      }
      if (format !== 'baseline' && retry !== undefined && wants('chat-sessions', sessionId)) {
        frames.push(callboardV1SnapshotFrame('turn.retrying', retry));
      }
      if (format !== 'baseline' && offer !== undefined && wants('turns', sessionId, offer.agent)) {
        frames.push(callboardV1SnapshotFrame('turn.offered', offer));
      }
      if (isGrowing(session) && wants('chat-messages', sessionId)) {
        for (const text of texts['reasoning.delta'].values()) frames.push(text.snapshot(format));
        for (const text of texts['message.delta'].values()) frames.push(text.snapshot(format));
      }
    }
    return frames;
  }

  /** A baseline frame for each agent that is not idle and wanted, as it was told ([WS3]). */
  baselineActivities(wants: (sessionId: SessionId) => boolean): readonly string[] {
    return [...this.#sessions].flatMap(([sessionId, { activity }]) =>
      activity === undefined || !wants(sessionId) ? [] : [serverFrame('agent.activity', activity)],
    );
  }

  #of(sessionId: SessionId): SessionInFlight {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      session = {
        activity: undefined,
        offer: undefined,
        retry: undefined,
        texts: { 'message.delta': new Map(), 'reasoning.delta': new Map() },
      };
      this.#sessions.set(sessionId, session);
      // Only live sessions can be in here. This bounds the map should a session's actor forget to remove one.
      const [oldest] = this.#sessions.keys();
      if (this.#sessions.size > limits.sessionsLiveMax && oldest !== undefined) this.#sessions.delete(oldest);
    }
    return session;
  }

  /** Its model says something. */
  #heard(sessionId: SessionId): void {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) session.retry = undefined;
  }

  #ended(sessionId: SessionId, type: TextPiece['type'], messageId: MessageId): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.texts[type].delete(messageId);
    if (!isGrowing(session) && session.activity === undefined) this.#sessions.delete(sessionId);
  }
}

function isGrowing({ texts }: SessionInFlight): boolean {
  return texts['message.delta'].size + texts['reasoning.delta'].size > 0;
}
