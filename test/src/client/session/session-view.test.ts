/** A session that a client follows: read, kept up to date, and read again when events are missing. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../src/client/client.ts';
import { type FakeServer, type FakeWorld, fakeWorld, settled } from '../fake-server.ts';
import {
  growing,
  message,
  messageId,
  otherSessionId,
  sessionId,
  session as sessionOf,
} from '../sample-frames.ts';

/** Answers reads of the session from `stored`, which the test changes. */
function storing(server: FakeServer, stored: { messages: ReturnType<typeof message>[] }): void {
  server.rest = async ({ path }) => {
    if (!path.includes('/messages')) return { status: 200, body: sessionOf() };
    const query = new URL(path, 'http://x').searchParams;
    const before = query.get('before');
    const end =
      before === null
        ? stored.messages.length
        : Math.max(
            0,
            stored.messages.findIndex(({ id }) => id === before),
          );
    return { status: 200, body: stored.messages.slice(Math.max(0, end - Number(query.get('limit'))), end) };
  };
}

const stored = (...messages: ReturnType<typeof message>[]) => ({ messages });
const contents = (session: Session) => session.messages.value.map(({ content }) => content);

const delta = ({ server }: FakeWorld, offset: number, text: string, count = 1) =>
  server.socket.say('message.delta', { sessionId, messageId: messageId(count), offset, text });

describe('a session', () => {
  it('[CLT3] is read when it is subscribed to, page by page, and then follows', async () => {
    const all = Array.from({ length: 450 }, (_, index) => message(index + 1, `m${index + 1}`));
    const world = await fakeWorld((server) => storing(server, stored(...all)));
    const session = world.client.session(sessionId);
    expect(session.snapshot.value.status).toBe('loading');
    await session.ready();
    expect(contents(session)).toEqual(all.map(({ content }) => content));
    expect(world.server.calls.filter(({ path }) => path.includes('/messages'))).toHaveLength(3);
    world.server.socket.say(
      'message.created',
      { ...growing(500, 'new'), parentId: messageId(450) },
      { seq: 101 },
    );
    delta(world, 3, 'er', 500);
    expect(contents(session).at(-1)).toBe('newer');
    world.client.close();
  });

  it('[CLT7] keeps the newest messages only', async () => {
    const all = [1, 2, 3, 4].map((count) => message(count, `m${count}`));
    const world = await fakeWorld((server) => storing(server, stored(...all)), { messagesMax: 3 });
    const session = world.client.session(sessionId);
    await session.ready();
    expect(contents(session)).toEqual(['m2', 'm3', 'm4']);
    world.server.socket.say('message.created', message(5, 'm5'), { seq: 101 });
    expect(contents(session)).toEqual(['m3', 'm4', 'm5']);
    world.client.close();
  });

  it('[CLT3] merges what came while it was read', async () => {
    const world = await fakeWorld((server) => storing(server, stored(growing(1, 'Hel'))));
    const session = world.client.session(sessionId);
    world.server.socket.say('message.partial', growing(1, 'Hello'), { snapshot: true });
    delta(world, 5, ' wor');
    world.server.socket.say(
      'agent.activity',
      { sessionId, state: 'thinking', timestamp: '' },
      { snapshot: true },
    );
    await session.ready();
    delta(world, 9, 'ld');
    expect(contents(session)).toEqual(['Hello world']);
    expect(session.snapshot.value.activity).toBe('thinking');
    world.client.close();
  });

  it('[CLT4] reports a gap, asks for snapshots, reads again, and never shows the wrong text', async () => {
    const world = await fakeWorld((server) => storing(server, stored(growing(1, 'Hel'))));
    const session = world.client.session(sessionId);
    await session.ready();
    const shown: string[][] = [];
    session.messages.subscribe((messages) => shown.push(messages.map(({ content }) => content)));
    delta(world, 3, 'lo');
    delta(world, 7, 'rld');
    delta(world, 10, '!');
    expect(world.violations.map(({ kind }) => kind)).toEqual(['gap']);
    expect(session.snapshot.value.status).toBe('rereading');
    await world.timers.pass(0);
    const frames = world.server.socket.frames.slice(-2);
    expect(frames.map(({ event }) => event)).toEqual(['unsubscribe', 'subscribe']);
    expect(frames[1]?.data).toMatchObject({ sessionId, since: `${world.server.epoch}:100` });
    world.server.socket.say('message.partial', growing(1, 'Hello world!'), { snapshot: true });
    await settled();
    expect(contents(session)).toEqual(['Hello world!']);
    expect(session.snapshot.value.status).toBe('current');
    expect(shown).toEqual([['Hello'], ['Hello world!']]);
    // A server that keeps breaking the protocol is not asked in a loop.
    delta(world, 20, '?');
    await world.timers.pass(99);
    expect(world.server.socket.sent('unsubscribe')).toHaveLength(1);
    await world.timers.pass(1);
    expect(world.server.socket.sent('unsubscribe')).toHaveLength(2);
    world.client.close();
  });

  it('[CLT8] reads again after a resync, and shows what it knew until then', async () => {
    const known = stored(message(1, 'Hi'));
    const world = await fakeWorld((server) => storing(server, known));
    const session = world.client.session(sessionId);
    const stream = world.client.events({ namespaces: ['traces'] });
    await session.ready();
    await stream.subscribed;
    known.messages.push(message(2, 'Hello'));
    world.server.socket.say('resync', { reason: 'retention', seq: 200 });
    expect(session.snapshot.value).toMatchObject({ status: 'rereading', messages: [{ content: 'Hi' }] });
    world.server.socket.say('message.created', message(3, 'new'), { seq: 201 });
    await settled();
    expect(contents(session)).toEqual(['Hi', 'Hello', 'new']);
    expect((await stream.next()).value).toEqual({ event: 'resync', data: { reason: 'retention', seq: 200 } });
    world.client.close();
  });

  it('[CLT8] reads again when the server has another store', async () => {
    const known = stored(message(1, 'Hi'));
    const world = await fakeWorld((server) => storing(server, known));
    const session = world.client.session(sessionId);
    await session.ready();
    known.messages = [message(9, 'other', { parentId: null })];
    world.server.epoch = '7f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e12';
    world.server.seq = 3;
    world.server.socket.drop(1006);
    await world.timers.pass(50);
    expect(contents(session)).toEqual(['other']);
    expect(world.server.socket.sent('subscribe')[0]?.data['since']).toBe(`${world.server.epoch}:3`);
    world.client.close();
  });

  it('[CLT1] resumes from what events and heartbeats said, and does not read again', async () => {
    const world = await fakeWorld((server) => storing(server, stored(message(1, 'Hi'))));
    const session = world.client.session(sessionId);
    await session.ready();
    world.server.socket.say('heartbeat', { seq: 140 });
    world.server.socket.say(
      'session.updated',
      sessionOf({ title: 'x', updatedAt: '2026-02-01T00:00:00.000Z' }),
      {
        seq: 141,
      },
    );
    const reads = world.server.calls.length;
    world.server.socket.drop(1006);
    await world.timers.pass(50);
    // The cursor is the greatest `seq` of either namespace.
    expect(world.server.socket.sent('subscribe')[0]?.data['since']).toBe(`${world.server.epoch}:140`);
    world.server.socket.say('message.created', message(2, 'missed'), { seq: 142 });
    world.server.socket.say('message.created', message(2, 'missed'), { seq: 142 });
    expect(contents(session)).toEqual(['Hi', 'missed']);
    expect(world.violations.map(({ kind }) => kind)).toEqual(['order']);
    expect(world.server.calls).toHaveLength(reads);
    world.client.close();
  });

  it('[CLT1] accepts what a heartbeat said had been sent, and reports it', async () => {
    const world = await fakeWorld((server) => storing(server, stored()));
    const stream = world.client.events({ namespaces: ['traces'] });
    await stream.subscribed;
    world.server.socket.say('heartbeat', { seq: 150 });
    world.server.socket.say('trace.created', { id: 'x' }, { seq: 149 });
    expect((await stream.next()).value).toMatchObject({ seq: 149 });
    expect(world.violations.map(({ kind }) => kind)).toEqual(['late-event']);
    world.client.close();
  });

  it('[CLT1] is shared by its handles, and unsubscribed with the last', async () => {
    const world = await fakeWorld((server) => storing(server, stored(message(1, 'Hi'))));
    const [one, two] = [world.client.session(sessionId), world.client.session(sessionId)];
    await one.ready();
    await two.ready();
    const reads = world.server.calls.length;
    expect(world.server.socket.sent('subscribe')).toHaveLength(1);
    one.close();
    one.close();
    expect(world.server.socket.sent('unsubscribe')).toHaveLength(0);
    two.close();
    const [subscribe] = world.server.socket.sent('subscribe');
    const [unsubscribe] = world.server.socket.sent('unsubscribe');
    expect(unsubscribe?.data).toEqual({ ...subscribe?.data });
    const again = world.client.session(sessionId);
    await again.ready();
    expect(world.server.calls.length).toBeGreaterThan(reads);
    world.client.close();
  });

  it('[CLT1] gets snapshots of its own when somebody listens to all sessions already', async () => {
    const world = await fakeWorld((server) => storing(server, stored(growing(1, 'Hel'))));
    const stream = world.client.events();
    await stream.subscribed;
    const session = world.client.session(sessionId);
    expect(world.server.socket.sent('subscribe').map(({ data }) => data['sessionId'])).toEqual([
      undefined,
      sessionId,
    ]);
    await session.ready();
    await stream.return?.();
    // The wide subscription may have been replaying: the session gets its own, from where it is.
    expect(world.server.socket.frames.slice(-3).map(({ event, data }) => [event, data['sessionId']])).toEqual(
      [
        ['unsubscribe', undefined],
        ['unsubscribe', sessionId],
        ['subscribe', sessionId],
      ],
    );
    world.client.close();
  });

  it('[CLT13] shows what takes its place at once, and reads only what it does not know', async () => {
    const known = stored(message(1, 'q'), message(2, 'a'));
    const world = await fakeWorld((server) => storing(server, known));
    const session = world.client.session(sessionId);
    await session.ready();
    const say = (event: string, data: object, seq: number) => world.server.socket.say(event, data, { seq });
    const reads = world.server.calls.length;
    const waiting = message(3, 'next', { queueRank: 1, role: 'user' });
    say('message.created', waiting, 101);
    expect(contents(session)).toEqual(['q', 'a', 'next']);
    const { queueRank: _, ...rest } = waiting;
    say('message.updated', { ...rest, parentId: messageId(2) }, 102);
    say('message.created', growing(4, 'b'), 103);
    expect(contents(session)).toEqual(['q', 'a', 'next', 'b']);
    say('message.deleted', { sessionId, id: messageId(3) }, 104);
    expect(contents(session)).toEqual(['q', 'a']);
    expect(session.snapshot.value.info?.leafId).toBe(messageId(2));
    expect(world.server.calls).toHaveLength(reads);

    // Another client selects a branch of which this one has read nothing.
    known.messages = [message(1, 'q'), message(7, 'other', { parentId: messageId(1) })];
    say('agent.activity', { sessionId, state: 'thinking', timestamp: '' }, 105);
    say('branch.selected', { sessionId, leafId: messageId(7) }, 106);
    expect(session.snapshot.value).toMatchObject({ status: 'rereading', activity: 'thinking' });
    expect(contents(session)).toEqual(['q', 'a']);
    await settled();
    expect(contents(session)).toEqual(['q', 'other']);
    expect(session.snapshot.value).toMatchObject({ status: 'current', activity: 'thinking' });
    // The branch before is still known.
    say('branch.selected', { sessionId, leafId: messageId(2) }, 107);
    expect(contents(session)).toEqual(['q', 'a']);
    expect(world.server.calls).toHaveLength(reads + 2);
    world.client.close();
  });

  it('[CLT13] reads again when the branch changes between two pages', async () => {
    const all = Array.from({ length: 250 }, (_, index) => message(index + 1, `m${index + 1}`));
    const other = [message(1, 'm1'), message(900, 'other', { parentId: messageId(1) })];
    const known = stored(...all);
    const world = await fakeWorld((server) => {
      storing(server, known);
      const { rest } = server;
      server.rest = async (call) => {
        const answer = await rest(call);
        if (call.path.includes('/messages') && known.messages !== other) {
          known.messages = other;
          server.socket.say('branch.selected', { sessionId, leafId: messageId(900) }, { seq: 101 });
        }
        return answer;
      };
    });
    const session = world.client.session(sessionId);
    await settled();
    await world.timers.pass(100);
    expect(contents(session)).toEqual(['m1', 'other']);
    world.client.close();
  });

  it('[CLT7] [CLT13] begins anew when too much comes while it reads, and loses nothing', async () => {
    const known = stored(message(1, 'q'), growing(2, 'a'));
    const world = await fakeWorld((server) => storing(server, known));
    const session = world.client.session(sessionId);
    await session.ready();
    delta(world, 9, 'gap', 2);
    const { rest } = world.server;
    world.server.rest = () => new Promise(() => {});
    await world.timers.pass(0);
    known.messages.push(message(3, 'while it read'));
    world.server.socket.say('message.created', message(3, 'while it read'), { seq: 101 });
    for (let count = 0; count < 5000; count++) delta(world, 1, '', 2);
    world.server.rest = rest;
    await world.timers.pass(1000);
    expect(session.snapshot.value.status).toBe('current');
    expect(contents(session)).toEqual(['q', 'a', 'while it read']);
    world.client.close();
  });

  it('[CLT3] says that a session does not exist, was deleted, or cannot be read', async () => {
    const world = await fakeWorld((server) => storing(server, stored(message(1, 'Hi'))));
    const deleted = world.client.session(sessionId);
    await deleted.ready();
    world.server.socket.say('session.deleted', { id: sessionId }, { seq: 101 });
    expect(deleted.snapshot.value).toMatchObject({ status: 'deleted', messages: [], info: undefined });
    world.server.confirms = false;
    const refused = world.client.session(otherSessionId);
    const ready = expect(refused.ready()).rejects.toMatchObject({ code: 'not_found' });
    world.server.socket.refuse(world.server.socket.sent('subscribe').at(-1)?.id, { code: 'not_found' });
    await ready;
    world.server.confirms = true;
    world.server.rest = async () => ({ status: 400, body: { message: 'no uuid' } });
    const failed = world.client.session('nonsense');
    await expect(failed.ready()).rejects.toMatchObject({ code: 'validation_failed' });
    expect(failed.snapshot.value.status).toBe('failed');
    world.client.close();
  });

  it('[CLT3] is read again and again while the server cannot be reached', async () => {
    let failures = 3;
    const world = await fakeWorld((server) => {
      storing(server, stored(message(1, 'Hi')));
      const { rest } = server;
      server.rest = async (call) => (failures-- > 0 ? new Error('the network') : rest(call));
    });
    const session = world.client.session(sessionId);
    await world.timers.pass(1000);
    expect(contents(session)).toEqual(['Hi']);
    world.client.close();
  });

  it('[CLT1] subscribes to many sessions without asking too much at a time', async () => {
    const world = await fakeWorld((server) => {
      server.confirms = false;
    });
    for (let count = 0; count < 40; count++) world.client.session(messageId(count));
    expect(world.server.socket.sent('subscribe')).toHaveLength(16);
    for (let answered = 0; answered < 40; answered++) {
      const { id } = world.server.socket.sent('subscribe')[answered] ?? {};
      world.server.socket.say('ack', { seq: 100, resumed: false }, { id });
    }
    expect(new Set(world.server.socket.sent('subscribe').map(({ data }) => data['sessionId'])).size).toBe(40);
    world.client.close();
  });

  it('[CLT2] reconnects when a subscription is refused for now', async () => {
    const world = await fakeWorld((server) => {
      server.confirms = false;
    });
    world.client.session(sessionId);
    world.server.socket.refuse(world.server.socket.sent('subscribe')[0]?.id, {
      code: 'unavailable',
      retryable: true,
    });
    expect(world.client.state.value).toBe('reconnecting');
    await world.timers.pass(50);
    expect(world.server.sockets).toHaveLength(2);
    expect(world.server.socket.sent('subscribe')).toHaveLength(1);
    world.client.close();
  });
});
