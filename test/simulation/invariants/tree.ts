/**
 * I15. Over the journal: the messages of a session form a tree. A parent exists when its child is told of; an answer
 * stands below its question; what waits has a rank and no parent; the leaf is a message that has its place, and is told
 * whenever it moves; nothing is said of a message after it was deleted, or of one below it.
 */
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import type { Truth } from '../truth.ts';

const holds: Holds = holdsOf('I15');

export const tree: Invariant = {
  name: 'I15',
  says: 'Messages form a tree, questions above their answers; what waits has no place in it; the leaf exists and is told.',
  watch: (_history, truth) => {
    const trees = new Map<SessionId, Tree>();
    return {
      hear: (fact) => {
        if (fact.kind !== 'committed') return;
        const { sessionId } = fact.event;
        if (sessionId === null) return;
        const known = trees.get(sessionId) ?? new Tree();
        trees.set(sessionId, known);
        known.hear(fact.event);
        if (fact.event.type === 'session.deleted') trees.delete(sessionId);
      },
      rest: () => {
        for (const [sessionId, known] of trees) known.rest(truth, sessionId);
      },
    };
  },
};

class Tree {
  readonly #messages = new Map<string, MessageFact>();
  readonly #deleted = new Set<string>();
  #leafId: string | undefined;
  /** A message that has just been placed: the next event says that it is the leaf. */
  #placed: string | undefined;

  hear(event: DomainEvent): void {
    const placed = this.#placed;
    this.#placed = undefined;
    holds(
      placed === undefined || (event.type === 'branch.selected' && event.data.leafId === placed),
      () => `message ${placed} was placed, and ${event.type} followed`,
    );
    switch (event.type) {
      case 'message.created':
      case 'message.updated':
        this.#told(event.data);
        return;
      case 'message.checkpoint':
        holds(
          !this.#deleted.has(event.data.messageId),
          () => `deleted message ${event.data.messageId} goes on`,
        );
        return;
      case 'message.deleted':
        this.#prune(event.data.id);
        return;
      case 'session.created':
      case 'session.updated':
        this.#select(event.data.leafId);
        return;
      case 'branch.selected':
        this.#select(event.data.leafId ?? undefined);
        return;
      default:
        return;
    }
  }

  #told(message: MessageFact): void {
    const { id, parentId, promptId, queueRank } = message;
    holds(!this.#deleted.has(id), () => `message ${id} was deleted, and is told of`);
    holds(
      (queueRank === undefined) !== (parentId === undefined),
      () => `message ${id} has the parent ${parentId} and the rank ${queueRank}`,
    );
    holds(
      // An agent's answer may answer nothing.
      promptId === undefined || promptId === id || promptId === parentId,
      () => `message ${id} answers ${promptId} below ${parentId}`,
    );
    if (typeof parentId === 'string') {
      const parent = this.#messages.get(parentId);
      holds(parent !== undefined, () => `message ${id} is below ${parentId}, which does not exist`);
      holds(parent.queueRank === undefined, () => `message ${id} is below ${parentId}, which waits`);
    }
    const before = this.#messages.get(id);
    if (before?.queueRank !== undefined && queueRank === undefined) this.#placed = id;
    holds(
      before === undefined || before.parentId === undefined || before.parentId === parentId,
      () => `message ${id} moves from ${before?.parentId} to ${parentId}`,
    );
    this.#messages.set(id, message);
  }

  #prune(id: string): void {
    holds(this.#messages.delete(id), () => `message ${id} was deleted, and did not exist`);
    this.#deleted.add(id);
    for (const { id: below, parentId } of [...this.#messages.values()])
      if (parentId === id) this.#prune(below);
  }

  #select(leafId: string | undefined): void {
    const leaf = leafId === undefined ? undefined : this.#messages.get(leafId);
    holds(leafId === undefined || leaf !== undefined, () => `the leaf ${leafId} does not exist`);
    holds(leaf?.queueRank === undefined, () => `the leaf ${leafId} waits`);
    this.#leafId = leafId;
  }

  /** What is stored is what was told, and nothing waits for ever. */
  rest({ tables }: Truth, sessionId: SessionId): void {
    const path: string[] = [];
    for (
      let next = this.#leafId;
      next !== undefined;
      next = this.#messages.get(next)?.parentId ?? undefined
    ) {
      path.unshift(next);
    }
    const stored = tables.currentMessages(sessionId).map(({ id }) => id);
    holds(
      stored.join() === path.join(),
      () => `the branch is ${stored.join()}, and was told as ${path.join()}`,
    );
    const all = tables.messages(sessionId).map(({ id }) => id);
    holds(
      all.length === this.#messages.size,
      () => `${all.length} messages are stored, and ${this.#messages.size} were told of`,
    );
  }
}
