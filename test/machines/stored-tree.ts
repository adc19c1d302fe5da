/**
 * The rows of one session as its events make them, in the simplest way: what a command about a message is looked up
 * in, and what the session's actor would wake from.
 */
import type { QueueEntry, WaitingTurn } from '../../machines/chat-session-context.ts';
import { restoredAnswer } from '../../machines/restored-answer.ts';
import { type MessageFact, startsTurn } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { StoredParticipants, StoredPlace } from '../../schema/commands.ts';
import type { EventData } from '../../schema/event-catalogue.ts';
import type { MessageId, TurnId } from '../../schema/ids.ts';
import type { Participant, ParticipantId } from '../../schema/participant.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { placesOf } from '../../schema/turn-record.ts';

type TurnRow = EventData<'turn.queued'> & { readonly status: 'queued' | 'running' };

export class StoredTree {
  session: ChatSession | null = null;
  /** In order of creation. */
  readonly #messages = new Map<MessageId, MessageFact>();
  readonly #participants = new Map<ParticipantId, Participant>();
  /** Those that have not ended. */
  readonly #turns = new Map<TurnId, TurnRow>();

  hear(event: Emission): void {
    switch (event.type) {
      case 'session.created':
      case 'session.updated':
        this.session = event.data;
        break;
      case 'session.imported':
        for (const message of event.data.messages) this.#messages.set(message.id, message);
        break;
      case 'participant.added':
      case 'participant.updated':
        this.#participants.set(event.data.id, event.data);
        break;
      case 'participant.removed':
        this.#participants.delete(event.data.id);
        break;
      case 'message.created':
      case 'message.updated':
        this.#messages.set(event.data.id, event.data);
        break;
      case 'message.checkpoint': {
        const { messageId, text, marks = [] } = event.data;
        const before = this.#messages.get(messageId);
        if (before === undefined) throw new Error(`checkpoint of an unknown message ${messageId}`);
        const all = [...(before.marks ?? []), ...marks];
        this.#messages.set(messageId, {
          ...before,
          content: before.content + text,
          ...(all.length === 0 ? {} : { marks: all }),
        });
        break;
      }
      case 'message.deleted':
        for (const id of this.subtree(event.data.id)) {
          this.#messages.delete(id);
          for (const { turnId, promptId } of this.#turns.values())
            if (promptId === id) this.#turns.delete(turnId);
        }
        break;
      case 'branch.selected':
        if (this.session !== null) {
          const { leafId: _, ...rest } = this.session;
          const { leafId } = event.data;
          this.session = leafId === null ? rest : { ...rest, leafId };
        }
        break;
      case 'turn.queued':
        this.#turns.set(event.data.turnId, { ...event.data, status: 'queued' });
        break;
      case 'turn.started': {
        const row = this.#turns.get(event.data.turnId);
        if (row !== undefined) this.#turns.set(row.turnId, { ...row, status: 'running' });
        break;
      }
      case 'turn.ended':
        this.#turns.delete(event.data.turnId);
        break;
      default:
    }
  }

  copy(): StoredTree {
    const copy = new StoredTree();
    copy.session = this.session;
    for (const [id, message] of this.#messages) copy.#messages.set(id, message);
    for (const [id, turn] of this.#turns) copy.#turns.set(id, turn);
    for (const [id, one] of this.#participants) copy.#participants.set(id, one);
    return copy;
  }

  readonly participants = (id: ParticipantId): StoredParticipants => ({
    participant: this.#participants.get(id) ?? null,
    count: this.#participants.size,
    owners: this.takingPart.filter(({ role }) => role === 'owner').length,
  });

  get takingPart(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  get messages(): readonly MessageFact[] {
    return [...this.#messages.values()];
  }

  message(id: MessageId): MessageFact | undefined {
    return this.#messages.get(id);
  }

  /** Those that wait, by rank. */
  get waiting(): readonly MessageFact[] {
    return this.messages
      .filter(waits)
      .toSorted((one, other) => (one.queueRank ?? 0) - (other.queueRank ?? 0));
  }

  get openTurns(): readonly TurnRow[] {
    return [...this.#turns.values()];
  }

  /** From the first message to this one. Throws when they go in a circle. */
  pathTo(id: MessageId | null | undefined): readonly MessageFact[] {
    const path: MessageFact[] = [];
    for (let next = id; next !== null && next !== undefined; ) {
      const message = this.#messages.get(next);
      if (message === undefined) throw new Error(`message ${next} is missing on the path to ${id}`);
      if (path.includes(message)) throw new Error(`message ${next} is below itself`);
      path.unshift(message);
      next = message.parentId;
    }
    return path;
  }

  /** The message with all below it. */
  subtree(id: MessageId): ReadonlySet<MessageId> {
    const found = new Set([id]);
    // Iteration includes what is added meanwhile.
    for (const one of found) for (const child of this.#below(one)) found.add(child.id);
    return found;
  }

  place(id: MessageId): StoredPlace | null {
    const message = this.#messages.get(id);
    if (message === undefined) return null;
    const inside = this.subtree(id);
    const parentId = message.parentId ?? null;
    const beside = waits(message) ? [] : this.#below(parentId).filter((one) => one.id !== id);
    const ownPrompt = startsTurn(message.role) ? message : undefined;
    const prompt = message.promptId === undefined ? ownPrompt : this.#messages.get(message.promptId);
    const leafId = this.session?.leafId;
    return {
      message,
      prompt: prompt ?? null,
      hasChildren: this.#below(id).length > 0,
      newestLeafId: this.#newestLeaf(inside) ?? id,
      isOnBranch: leafId !== undefined && inside.has(leafId),
      leafWithoutId:
        this.#newestLeaf(new Set(beside.flatMap((one) => [...this.subtree(one.id)]))) ?? parentId,
      openTurns: this.openTurns
        .filter((turn) => placesOf(turn).some((place) => inside.has(place)))
        .map(({ turnId }) => turnId),
    };
  }

  /** What a session that wakes now has in its queue, apart from turns that had begun. */
  get queue(): readonly QueueEntry[] {
    const turns = this.openTurns.filter(({ status }) => status === 'queued');
    const asked = new Set(turns.map(({ promptId }) => promptId));
    const entries: QueueEntry[] = [
      ...turns.map((row) => {
        const message = this.#messages.get(row.promptId);
        return {
          rank: row.rank ?? 0,
          message: message !== undefined && waits(message) ? message : null,
          turn: this.#waitingTurn(row),
        };
      }),
      ...this.waiting
        .filter(({ id }) => !asked.has(id))
        .map((message) => ({ rank: message.queueRank ?? 0, message, turn: null })),
    ];
    return entries.toSorted((one, other) => one.rank - other.rank);
  }

  #waitingTurn({ status: _, timestamp: __, rank: ___, ...turn }: TurnRow): WaitingTurn {
    const answer = turn.continuesAt === undefined ? undefined : this.#messages.get(turn.answerId);
    return {
      ...turn,
      traceCreatedAt: null,
      ...(answer === undefined ? {} : { continues: restoredAnswer(answer) }),
    };
  }

  #below(id: MessageId | null): readonly MessageFact[] {
    return this.messages.filter((one) => !waits(one) && (one.parentId ?? null) === id);
  }

  #newestLeaf(among: ReadonlySet<MessageId>): MessageId | undefined {
    return this.messages.findLast(({ id }) => among.has(id) && this.#below(id).length === 0)?.id;
  }
}

function waits({ queueRank }: MessageFact): boolean {
  return queueRank !== undefined;
}
