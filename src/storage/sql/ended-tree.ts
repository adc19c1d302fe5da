/** What of a tree of messages has ended. */
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { MessageId } from '../../../schema/ids.ts';

export type Placed = Pick<MessageFact, 'id' | 'parentId' | 'queueRank' | 'status'>;

/** A message that waited may be older than the answer that it is below. */
export function parentsFirst<Message extends Placed>(messages: readonly Message[]): Message[] {
  const left = new Map(messages.map((message) => [message.id, message]));
  const ordered: Message[] = [];
  for (const message of messages) {
    const branch: Message[] = [];
    let next: Message | undefined = message;
    while (next !== undefined && left.delete(next.id)) {
      branch.push(next);
      next = next.parentId == null ? undefined : left.get(next.parentId);
    }
    ordered.push(...branch.reverse());
  }
  return ordered;
}

/** Parents come first. What waits or is streaming goes, with what would be below it. */
export function endedMessages<Message extends Placed>(messages: readonly Message[]): Message[] {
  const kept = new Set<MessageId>();
  return messages.filter(({ id, parentId, queueRank, status }) => {
    const stays =
      queueRank === undefined && status !== 'streaming' && (parentId == null || kept.has(parentId));
    if (stays) kept.add(id);
    return stays;
  });
}

/** The leaf, or the nearest message above it that is kept. */
export function lastKept(
  leaf: MessageId | null,
  read: readonly Placed[],
  kept: readonly Placed[],
): MessageId | null {
  const isKept = new Set(kept.map(({ id }) => id));
  const parents = new Map(read.map(({ id, parentId }) => [id, parentId ?? null]));
  let id = leaf;
  while (id !== null && !isKept.has(id)) {
    const parent: MessageId | null = parents.get(id) ?? null;
    parents.delete(id);
    id = parent;
  }
  return id;
}
