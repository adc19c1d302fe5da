/** The messages of all branches of a session, as REST lists them and events change them. */
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { EventFrame } from '../server-frame.ts';
import { applied } from './message-assembly.ts';
import { nothingKnown, type Rest, type SessionMessage, shown } from './session-state.ts';

export type ConversationTree = {
  /** Its `leafId` is the end of the current branch. */
  readonly session: ChatSession;
  /** In order of creation; those that wait have a `queueRank` and no `parentId`. */
  readonly messages: readonly SessionMessage[];
};

/** How many messages of all branches are kept; the newest ones are. */
export const treeMessagesMax = 20_000;

export function treeFromRest({ session, messages }: Rest): ConversationTree {
  return { session, messages: messages.map(shown) };
}

/** The tree after an event; `undefined`: the session is gone. */
export function treeAfter(tree: ConversationTree, event: EventFrame): ConversationTree | undefined {
  const state = { ...nothingKnown, info: tree.session, messages: tree.messages };
  const { info, messages } = applied(state, event).state;
  if (info === undefined) return undefined;
  if (info === tree.session && messages === tree.messages) return tree;
  const isOrphan = messages.length > tree.messages.length && isParentless(messages.at(-1), tree.messages);
  return { session: info, messages: isOrphan ? tree.messages : messages.slice(-treeMessagesMax) };
}

/**
 * An event from before the tree was read may tell of a message that has gone since, with one above it of which nothing
 * is known any more.
 */
function isParentless(message: SessionMessage | undefined, others: readonly SessionMessage[]): boolean {
  const { parentId = null } = message ?? {};
  return parentId !== null && others.length < treeMessagesMax && !others.some(({ id }) => id === parentId);
}
