/** The versions of each message of the open session: what stands beside it in the tree. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Client, Session } from '../../client/client.ts';
import type { ConversationTree, FollowedHandle } from '../../client/tree.ts';

/** By the id of a message: the ids of all versions of it, in order. Messages with one version are left out. */
export type MessageVersions = ReadonlyMap<string, readonly string[]>;

const none: MessageVersions = new Map();

export type FollowedVersions = {
  readonly state: ReadonlySignal<MessageVersions>;
  readonly close: () => void;
};

/** The tree is read after the session, which is what the user waits for. */
export function followVersions(client: Client, session: Session): FollowedVersions {
  const state = signal(none);
  let isClosed = false;
  let tree: FollowedHandle<ConversationTree> | undefined;
  const follow = async () => {
    await session.ready();
    const { followTree } = await import('../../client/tree.ts');
    if (isClosed) return;
    tree = followTree(client, session.id);
    let before: ConversationTree['messages'] | undefined;
    tree.state.subscribe(({ value }) => {
      if (value === undefined || value.messages === before) return;
      before = value.messages;
      state.value = versionsIn(value);
    });
  };
  // Without the tree, messages show no versions; everything else works.
  follow().catch(() => {});
  return {
    state,
    close: () => {
      isClosed = true;
      tree?.close();
    },
  };
}

function versionsIn({ messages }: ConversationTree): MessageVersions {
  const placed = messages.filter(({ parentId }) => parentId !== undefined);
  const versions = new Map<string, readonly string[]>();
  for (const siblings of Map.groupBy(placed, ({ parentId }) => parentId).values()) {
    if (siblings.length < 2) continue;
    const ids = siblings.map(({ id }) => id);
    for (const id of ids) versions.set(id, ids);
  }
  return versions.size === 0 ? none : versions;
}
