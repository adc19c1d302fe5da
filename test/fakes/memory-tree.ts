/** The tree of a session's messages in memory: on purpose with other code than `src/storage/sql/`. */
import type { MessageFact } from '../../schema/chat-message.ts';
import type { MessageId } from '../../schema/ids.ts';

/** `messages` are those of one session, in order of creation. */
export class MemoryTree {
  readonly #messages: readonly MessageFact[];
  readonly #byId: ReadonlyMap<MessageId, MessageFact>;
  readonly #children: ReadonlyMap<MessageId | null, readonly MessageFact[]>;

  constructor(messages: readonly MessageFact[]) {
    this.#messages = messages;
    this.#byId = new Map(messages.map((message) => [message.id, message]));
    this.#children = Map.groupBy(
      messages.filter(({ queueRank }) => queueRank === undefined),
      ({ parentId }) => parentId ?? null,
    );
  }

  /** By rank. */
  get waiting(): readonly MessageFact[] {
    return this.#messages
      .filter(({ queueRank }) => queueRank !== undefined)
      .sort((a, b) => (a.queueRank ?? 0) - (b.queueRank ?? 0));
  }

  /** Oldest first; empty when there is no such message. */
  pathTo(id: MessageId | null | undefined): readonly MessageFact[] {
    const path: MessageFact[] = [];
    for (let next = id; next != null; ) {
      const message = this.#byId.get(next);
      if (message === undefined || path.includes(message)) break;
      path.unshift(message);
      next = message.parentId;
    }
    return path;
  }

  /** The message and all below it. */
  subtree(id: MessageId): ReadonlySet<MessageId> {
    const found = new Set<MessageId>();
    const left = this.#byId.has(id) ? [id] : [];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      for (const child of this.childrenOf(next)) left.push(child.id);
    }
    return found;
  }

  childrenOf(id: MessageId | null): readonly MessageFact[] {
    return this.#children.get(id) ?? [];
  }

  /** The newest that has nothing below it. */
  newestLeaf(among: (id: MessageId) => boolean): MessageId | undefined {
    return this.#messages.findLast(
      ({ id, queueRank }) => queueRank === undefined && among(id) && this.childrenOf(id).length === 0,
    )?.id;
  }
}
