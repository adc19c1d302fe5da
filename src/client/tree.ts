/**
 * The entry `callboard/client/tree`: the messages of all branches of a session, and the versions of each. They are read
 * when a handle is opened, and then kept up to date; a session's own list has only the current branch.
 *
 * @example
 * const tree = followTree(client, session.id);
 * const { versions, shownAt } = versionsOf(tree.state.value.value, messageId);
 * await session.selectBranch(versions[shownAt + 1].id);
 */
import type { SessionId } from '../../schema/ids.ts';
import type { Client } from './client.ts';
import type { FollowedHandle } from './follow/followed-value.ts';
import { follow } from './follow/shared-value.ts';
import {
  type ConversationTree,
  treeAfter,
  treeFromRest,
  treeMessagesMax,
} from './session/conversation-tree.ts';
import type { SessionMessage } from './session/session-state.ts';

export type { Followed, FollowedHandle } from './follow/followed-value.ts';
export type { ConversationTree } from './session/conversation-tree.ts';
export { treeMessagesMax } from './session/conversation-tree.ts';

/** The messages of all branches. Their texts are those of the last event: text that streams is in the session's list. */
export function followTree({ core }: Client, sessionId: string): FollowedHandle<ConversationTree> {
  const id = sessionId as SessionId;
  return follow(core, `tree ${id}`, {
    namespaces: ['chat-sessions'],
    sessionId: id,
    read: async (signal) => treeFromRest(await core.rest.session(id, treeMessagesMax, signal, 'branch=all&')),
    apply: treeAfter,
  });
}

export type Versions = {
  /** The message and those beside it, which have the same parent, in order of creation; the message alone if it waits. */
  readonly versions: readonly SessionMessage[];
  /** Which of them is on the current branch; -1: none is. */
  readonly shownAt: number;
};

/** The versions of a message; none when the tree has no such message, or has not been read. */
export function versionsOf(tree: ConversationTree | undefined, messageId: string): Versions {
  const message = tree?.messages.find(({ id }) => id === messageId);
  if (tree === undefined || message === undefined) return { versions: [], shownAt: -1 };
  const { parentId } = message;
  const versions =
    parentId === undefined ? [message] : tree.messages.filter((other) => other.parentId === parentId);
  const parents = new Map(tree.messages.map((one) => [one.id, one.parentId]));
  const onBranch = new Set<string>();
  let next = tree.session.leafId ?? null;
  while (next && !onBranch.has(next)) {
    onBranch.add(next);
    next = parents.get(next) ?? null;
  }
  return { versions, shownAt: versions.findIndex(({ id }) => onBranch.has(id)) };
}
