/** Finds faults in the stored trees: what is no tree, what the current branch is not, what should not be left at rest. */
import type { JournalEntry } from '../../actors/ports.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';

export type StoredBranches = {
  readonly session: ChatSession;
  /** Every message. */
  readonly all: readonly MessageFact[];
  /** The path to the leaf, then what waits. */
  readonly current: readonly MessageFact[];
};

/** [TREE1], [TREE3], [TREE20]; every turn has ended, so that nothing waits or streams. */
export function treeFaults({ session, all, current }: StoredBranches): readonly string[] {
  const faults: string[] = [];
  const rows = new Map(all.map((message) => [message.id, message]));
  if (rows.size !== all.length) faults.push('a message is listed twice');
  for (const message of all) {
    const { id, parentId, promptId, queueRank, status } = message;
    if (queueRank !== undefined) faults.push(`message ${id} still waits`);
    else if (parentId === undefined) faults.push(`message ${id} has no place`);
    if (status === 'streaming') faults.push(`message ${id} still streams`);
    if (parentId !== null && parentId !== undefined && !rows.has(parentId))
      faults.push(`the parent of ${id} is gone`);
    // What an agent says of its own accord answers nothing ([PSH1]).
    if (promptId !== undefined && promptId !== id && promptId !== parentId)
      faults.push(`answer ${id} is not below its question`);
    if (pathTo(id, rows) === undefined) faults.push(`message ${id} is below itself`);
  }
  const { leafId } = session;
  if (leafId === undefined && all.some(({ queueRank }) => queueRank === undefined))
    faults.push('there are messages and no leaf');
  if (leafId !== undefined && !rows.has(leafId)) faults.push(`the leaf ${leafId} is gone`);
  const path = leafId === undefined ? [] : (pathTo(leafId, rows) ?? []);
  const listed = current.filter(({ queueRank }) => queueRank === undefined).map(({ id }) => id);
  if (path.join() !== listed.join()) faults.push(`the current branch is ${listed}, not ${path}`);
  return faults.map((fault) => `session ${session.id}: ${fault}`);
}

/** Oldest first; `undefined`: it comes back to a message. */
function pathTo(
  from: MessageId,
  rows: ReadonlyMap<MessageId, MessageFact>,
): readonly MessageId[] | undefined {
  const path: MessageId[] = [];
  for (let row = rows.get(from); row !== undefined; row = rows.get(row.parentId ?? from)) {
    if (path.includes(row.id)) return undefined;
    path.unshift(row.id);
    if (row.parentId === null || row.parentId === undefined) break;
  }
  return path;
}

/** The messages that the journal tells of and that were not deleted, alone or with one above them. */
export function remainingMessages(log: readonly JournalEntry[]): ReadonlyMap<MessageId, SessionId> {
  const rows = new Map<MessageId, Pick<MessageFact, 'sessionId' | 'parentId'>>();
  const prune = (id: MessageId) => {
    rows.delete(id);
    for (const [below, { parentId }] of [...rows]) if (parentId === id) prune(below);
  };
  for (const entry of log) {
    switch (entry.type) {
      case 'message.created':
      case 'message.updated':
        rows.set(entry.data.id, entry.data);
        break;
      case 'session.imported':
        for (const message of entry.data.messages) {
          rows.set(message.id, { ...message, sessionId: entry.data.sessionId });
        }
        break;
      case 'message.deleted':
        prune(entry.data.id);
        break;
      case 'session.deleted':
        for (const [id, { sessionId }] of [...rows]) if (sessionId === entry.data.id) rows.delete(id);
        break;
      default:
        break;
    }
  }
  return new Map([...rows].map(([id, { sessionId }]) => [id, sessionId]));
}
