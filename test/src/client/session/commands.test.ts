/** Commands under way: one effect each, in order, whatever happens to the connection (I10). */
import { describe, expect, it } from 'vitest';
import { fileIdSchema } from '../../../../schema/ids.ts';
import { administration } from '../../../../src/client/administration.ts';
import { CallboardError } from '../../../../src/client/client.ts';
import { fakeWorld, settled } from '../fake-server.ts';
import { message, messageId, sessionId } from '../sample-frames.ts';

/** The result of an awaited command. */
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

describe('commands', () => {
  it('[CLT5] are resolved by their answer', async () => {
    const { server, client } = await fakeWorld();
    const sending = client.session(sessionId).send('Hello', { role: 'system' });
    const [frame] = server.socket.sent('message.send');
    expect(frame).toMatchObject({ data: { sessionId, message: { content: 'Hello', role: 'system' } } });
    server.socket.say('ack', message(1, 'Hello'), { id: frame?.id });
    expect(await sending).toEqual(message(1, 'Hello'));
    client.close();
  });

  it('[CLT5] wait for a connection, and are sent again with the same id on the next', async () => {
    const { server, client, timers } = await fakeWorld();
    server.socket.drop(1006);
    const sending = client.session(sessionId).send('Hello');
    await timers.pass(50);
    const [first] = server.socket.sent('message.send');
    server.socket.drop(1006);
    await timers.pass(200);
    const [second] = server.socket.sent('message.send');
    expect(second?.data).toEqual(first?.data);
    expect(second?.id).not.toBe(first?.id);
    // An answer to the first frame has no receiver any more.
    server.socket.say('ack', message(2, 'wrong'), { id: first?.id });
    server.socket.say('ack', message(1, 'Hello'), { id: second?.id });
    expect(await sending).toEqual(message(1, 'Hello'));
    client.close();
  });

  it('[CLT5] of one session go one after the other, so that a retry keeps their order', async () => {
    const { server, client, timers } = await fakeWorld();
    const session = client.session(sessionId);
    const sending = [session.send('one'), session.send('two')];
    const sent = () =>
      server.socket.sent('message.send').map(({ data }) => Reflect.get(Object(data['message']), 'content'));
    expect(sent()).toEqual(['one']);
    const idOfNewest = () => server.socket.sent('message.send').at(-1)?.id;
    server.socket.refuse(idOfNewest(), { code: 'session_busy', retryable: true });
    expect(sent()).toEqual(['one']);
    await timers.pass(50);
    expect(sent()).toEqual(['one', 'one']);
    server.socket.say('ack', message(1, 'one'), { id: idOfNewest() });
    expect(sent()).toEqual(['one', 'one', 'two']);
    server.socket.say('ack', message(2, 'two'), { id: idOfNewest() });
    expect((await Promise.all(sending)).map(({ content }) => content)).toEqual(['one', 'two']);
    client.close();
  });

  it('[CLT5] [LIM20] that a limit refuses are sent again when it says, and not before', async () => {
    const { server, client, timers } = await fakeWorld();
    const sending = client.session(sessionId).send('one');
    const sent = () => server.socket.sent('message.send');
    server.socket.refuse(sent()[0]?.id, {
      code: 'commands_per_principal',
      retryable: true,
      retryAfterMs: 400,
    });
    await timers.pass(399);
    expect(sent()).toHaveLength(1);
    await timers.pass(51);
    expect(sent()).toHaveLength(2);
    server.socket.say('ack', message(1, 'one'), { id: sent()[1]?.id });
    await sending;
    client.close();
  });

  it('[CLT5] that are refused for good become typed errors', async () => {
    const { server, client } = await fakeWorld();
    const sending = outcomeOf(client.session(sessionId).send(''));
    const [frame] = server.socket.sent('message.send');
    server.socket.refuse(frame?.id, { code: 'validation_failed', message: 'content must not be empty' });
    const { error } = (await sending) as { error: CallboardError };
    expect(error).toBeInstanceOf(CallboardError);
    expect(error).toMatchObject({
      code: 'validation_failed',
      message: 'content must not be empty',
      retryable: false,
    });
    client.close();
  });

  it('[CLT5] cancel goes over REST under one key, and passes what the server has put off', async () => {
    let failures = 2;
    const { server, client, timers } = await fakeWorld((fake) => {
      fake.rest = async ({ path }) => {
        if (!path.endsWith('/cancel')) return { status: 503, body: { message: 'later', retryable: true } };
        if (failures-- > 0) return new Error('the network');
        return { status: 200, body: { sessionId, cancelled: [messageId(1)] } };
      };
    });
    const session = client.session(sessionId);
    const calls = () => server.calls.filter(({ path }) => path.endsWith('/cancel'));
    const cancelling = session.cancel({ messageId: messageId(1) });
    await timers.pass(400);
    expect(await cancelling).toEqual({ sessionId, cancelled: [messageId(1)] });
    expect(calls().map(({ body }) => body)).toEqual(Array(3).fill({ messageId: messageId(1) }));
    expect(new Set(calls().map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);

    const sending = outcomeOf(session.send('more'));
    const clearing = session.cancel();
    expect(calls()).toHaveLength(3);
    const [frame] = server.socket.sent('message.send');
    server.socket.refuse(frame?.id, { code: 'queue_full', retryable: true });
    expect(await clearing).toMatchObject({ sessionId });
    expect(calls()).toHaveLength(4);
    client.close();
    expect(await sending).toMatchObject({ error: { code: 'closed' } });
  });

  it('[CLT5] [CLT7] are bounded, can be given up, and end with the client', async () => {
    const { server, client } = await fakeWorld(() => {}, { commandsMax: 2 });
    const session = client.session(sessionId);
    const abort = new AbortController();
    const first = outcomeOf(session.send('one', { signal: abort.signal }));
    const second = outcomeOf(session.send('two'));
    await expect(session.send('three')).rejects.toMatchObject({ code: 'client_busy', retryable: true });
    abort.abort();
    expect(await first).toMatchObject({ error: { code: 'aborted' } });
    await expect(session.send('four', { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(server.socket.sent('message.send')).toHaveLength(2);
    client.close();
    expect(await second).toMatchObject({ error: { code: 'closed' } });
  });

  it('[CLT5] keep within what the server allows at a time, and go over REST when they are too large', async () => {
    const { server, client } = await fakeWorld((fake) => {
      fake.commandsInFlightMax = 4;
      fake.rest = async ({ path }) =>
        path.endsWith('/messages')
          ? { status: 413, body: { message: 'too large' } }
          : { status: 503, body: { retryable: true } };
    });
    const sessions = [1, 2, 3].map((count) => client.session(messageId(count)));
    const sending = sessions.map((session) => outcomeOf(session.send('Hello')));
    expect(server.socket.sent('message.send')).toHaveLength(2);
    server.socket.say('ack', message(1, 'Hello'), { id: server.socket.sent('message.send')[0]?.id });
    await settled();
    expect(server.socket.sent('message.send')).toHaveLength(3);
    const large = client.session(messageId(4)).send('x'.repeat(70_000));
    await expect(large).rejects.toMatchObject({ code: 'body_too_large' });
    client.close();
    await Promise.all(sending);
  });

  it('[CLT15] about messages go over REST, each under a key of its own', async () => {
    const { server, client } = await fakeWorld((fake) => {
      fake.rest = async ({ method }) =>
        method === 'DELETE' ? new Response(null, { status: 204 }) : { status: 200, body: { done: true } };
    });
    const session = client.session(sessionId);
    const id = messageId(1);
    const done = { done: true };
    const file = { type: 'file' as const, fileId: fileIdSchema.parse(messageId(9)) };
    expect(await session.regenerate(id)).toEqual(done);
    expect(await session.regenerate(id, { continue: true, options: { model: 'a/b' } })).toEqual(done);
    expect(await session.edit(id, 'Better')).toEqual(done);
    expect(await session.edit(id, [{ type: 'text', text: 'See' }, file])).toEqual(done);
    expect(await session.deleteMessage(id)).toBeUndefined();
    expect(await session.selectBranch(id)).toEqual(done);
    expect(await session.sendNow(id)).toEqual(done);
    expect(await session.steer(id)).toEqual(done);
    expect(await session.fork(id, { title: 'Copy' })).toEqual(done);
    const calls = server.calls.filter(({ method }) => method !== 'GET');
    const path = `/chat-sessions/${sessionId}`;
    expect(calls.map(({ method, path: at, body }) => [method, at.slice(path.length), body])).toEqual([
      ['POST', `/messages/${id}/regenerate`, {}],
      ['POST', `/messages/${id}/regenerate`, { continue: true, options: { model: 'a/b' } }],
      ['PATCH', `/messages/${id}`, { content: 'Better' }],
      ['PATCH', `/messages/${id}`, { parts: [{ type: 'text', text: 'See' }, file] }],
      ['DELETE', `/messages/${id}`, undefined],
      ['PUT', '/branch', { leafId: id }],
      ['POST', `/messages/${id}/send-now`, {}],
      ['POST', `/messages/${id}/steer`, {}],
      ['POST', '/fork', { messageId: id, title: 'Copy' }],
    ]);
    expect(new Set(calls.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(calls.length);
    expect(await administration(client).importSession({ version: 1 })).toEqual(done);
    expect(server.calls.at(-1)).toMatchObject({ path: '/chat-sessions/import', body: { version: 1 } });

    const sending = session.send([{ type: 'text', text: 'Hi' }], { queue: 'reject' });
    const [frame] = server.socket.sent('message.send');
    expect(frame?.data['message']).toMatchObject({ parts: [{ type: 'text', text: 'Hi' }], queue: 'reject' });
    server.socket.refuse(frame?.id, { code: 'conflict' });
    await expect(sending).rejects.toMatchObject({ code: 'conflict' });
    client.close();
  });

  it('[CLT15] that make room in the queue overtake messages that wait for it', async () => {
    const { server, client } = await fakeWorld((fake) => {
      fake.rest = async () => new Response(null, { status: 204 });
    });
    const session = client.session(sessionId);
    const sending = outcomeOf(session.send('more'));
    const deleting = session.deleteMessage(messageId(1));
    server.socket.refuse(server.socket.sent('message.send')[0]?.id, { code: 'queue_full', retryable: true });
    expect(await deleting).toBeUndefined();
    client.close();
    expect(await sending).toMatchObject({ error: { code: 'closed' } });
  });

  it('[CLT5] create a session under one key', async () => {
    let failures = 1;
    const { server, client, timers } = await fakeWorld((fake) => {
      fake.rest = async ({ body }) =>
        failures-- > 0
          ? { status: 502, body: 'bad gateway' }
          : { status: 201, body: { ...body, id: sessionId } };
    });
    const creating = client.createSession({ title: 'First' });
    await timers.pass(100);
    expect(await creating).toEqual({ title: 'First', id: sessionId });
    const keys = server.calls.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    client.close();
  });
});
