/** The tree of a session's messages, and the versions of each. */
import { describe, expect, it } from 'vitest';
import { followTree, versionsOf } from '../../../src/client/tree.ts';
import { fakeWorld, settled } from './fake-server.ts';
import { message, messageId, session, sessionId } from './sample-frames.ts';

describe('the tree of a session', () => {
  it('[CLT14] is read when it is asked for, and has the versions of each message', async () => {
    const question = message(1, 'q', { role: 'user' });
    const answers = [2, 3, 4].map((count) => message(count, `a${count}`, { parentId: messageId(1) }));
    const { server, client } = await fakeWorld((fake) => {
      fake.rest = async ({ path }) =>
        path.includes('/messages')
          ? { status: 200, body: [question, ...answers.slice(0, 2)] }
          : { status: 200, body: session({ leafId: messageId(2) }) };
    });
    expect(server.calls).toEqual([]);
    expect(versionsOf(undefined, messageId(2))).toEqual({ versions: [], shownAt: -1 });
    const { state, close } = followTree(client, sessionId);
    await settled();
    expect(server.calls.map(({ path }) => path)).toEqual([
      `/chat-sessions/${sessionId}`,
      `/chat-sessions/${sessionId}/messages?branch=all&limit=200`,
    ]);
    const versions = (count: number) => {
      const found = versionsOf(state.value.value, messageId(count));
      return { of: found.versions.map(({ content }) => content), shownAt: found.shownAt };
    };
    expect(versions(3)).toEqual({ of: ['a2', 'a3'], shownAt: 0 });
    expect(versions(1)).toEqual({ of: ['q'], shownAt: 0 });
    server.socket.say('message.created', answers[2], { seq: 101 });
    server.socket.say('branch.selected', { sessionId, leafId: messageId(4) }, { seq: 102 });
    expect(versions(2)).toEqual({ of: ['a2', 'a3', 'a4'], shownAt: 2 });
    server.socket.say('message.deleted', { sessionId, id: messageId(3) }, { seq: 103 });
    server.socket.say('message.created', message(5, 'waits', { queueRank: 1 }), { seq: 104 });
    expect(versions(2)).toEqual({ of: ['a2', 'a4'], shownAt: 1 });
    expect(versions(5)).toEqual({ of: ['waits'], shownAt: -1 });
    expect(versions(3)).toEqual({ of: [], shownAt: -1 });
    // An event from before the tree was read: both this message and the one before it have gone since.
    server.socket.say('message.created', message(8, 'gone', { parentId: messageId(7) }), { seq: 105 });
    expect(versions(8)).toEqual({ of: [], shownAt: -1 });
    server.socket.say('session.deleted', { id: sessionId }, { seq: 106 });
    expect(state.value.error?.code).toBe('not_found');
    close();
    client.close();
  });
});
