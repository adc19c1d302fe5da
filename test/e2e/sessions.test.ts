/**
 * Closed sessions and participants, as clients of both kinds see them: the real server as a process, the six sockets of
 * a baseline client, one `callboard.v1` stream of events, REST, through a restart; on every database that there is.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { administration } from '../../src/client/administration.ts';
import { watchedClient } from '../chaos/watched-client.ts';
import { openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

describe.each(databases)('sessions on $name', { timeout: 60_000 }, ({ prepare }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof prepare>>;
  let server: ServerProcess;

  const start = async () => {
    server = await startServer({ dataFolder: folder.path, env: database.env });
  };
  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await prepare();
    await start();
  });
  afterEach(async () => {
    expect(await server.end()).toBe(0);
    await database.remove();
    await folder.remove();
  });

  const call = (method: string, path: string, body?: unknown) => request(server.url, method, path, body);
  const create = async () => textAt((await call('POST', '/chat-sessions', { title: 'Meeting' })).body, 'id');

  it('[SES9] [SES10] [SES11] a session that is closed while it answers ends what it began and takes nothing new', async () => {
    const id = await create();
    const path = `/chat-sessions/${id}`;
    const baseline = await openBaselineClient(server.url);
    const first = textAt(
      (await call('POST', `${path}/messages`, { content: '[[tokens=200 delay=2]] long' })).body,
      'id',
    );
    const waits = await call('POST', `${path}/messages`, { content: '[[tokens=3 delay=0]] waits' });
    expect(waits.status).toBe(201);
    const closed = await call('POST', `${path}/close`);
    expect(closed).toMatchObject({ status: 200, body: { status: 'active', closedAt: expect.any(String) } });
    const closedAt = textAt(closed.body, 'closedAt');
    const refusal = { status: 409, body: { message: `Chat session ${id} is closed; reopen it to go on` } };
    for (const role of ['user', 'assistant', 'system', 'tool'])
      expect(await call('POST', `${path}/messages`, { role, content: 'late' })).toMatchObject(refusal);
    expect(await call('POST', `${path}/messages/${first}/regenerate`, {})).toMatchObject(refusal);
    expect(await call('PATCH', `${path}/messages/${first}`, { content: 'other' })).toMatchObject(refusal);
    // Over a baseline socket and a `callboard.v1` socket, too.
    const data = { sessionId: id, message: { content: 'late' } };
    baseline.socket('chat-sessions').send(JSON.stringify({ event: 'message.send', data, id: 7 }));
    await baseline.until((frames) => frames.some(({ event }) => event === 'exception'));
    const exception = baseline.frames.find(({ event }) => event === 'exception');
    expect(exception?.data).toMatchObject({ code: 'conflict', message: refusal.body.message, id: 7 });
    const { client } = watchedClient({ url: server.url, WebSocket });
    await expect(client.session(id).send('late')).rejects.toMatchObject({
      code: 'conflict',
      retryable: false,
    });
    client.close();
    const waiting = textAt(waits.body, 'id');
    expect(await call('PATCH', `${path}/messages/${waiting}`, { content: 'other' })).toMatchObject(refusal);
    await baseline.until(
      (frames) =>
        frames.filter(({ event, data }) => event === 'agent.activity' && data['state'] === 'idle').length ===
        2,
    );
    const { body: messages } = await call('GET', `${path}/messages`);
    expect(messages).toMatchObject([
      { id: first, status: 'complete' },
      { role: 'assistant', status: 'complete' },
      { id: waiting, status: 'complete' },
      { role: 'assistant', status: 'complete' },
    ]);

    // The baseline sees an active session, as ever.
    const told = baseline.frames.filter(({ event }) => event === 'session.updated').map(({ data }) => data);
    expect(told.length).toBeGreaterThan(3);
    for (const data of told) {
      expect(data).toMatchObject({ status: 'active' });
      expect(data).not.toHaveProperty('closedAt');
    }
    baseline.close();

    // Closed it stays, through a restart; who copies it, goes on.
    await server.end();
    await start();
    expect(await call('POST', `${path}/messages`, { content: 'late' })).toMatchObject(refusal);
    expect(await call('POST', `${path}/close`)).toMatchObject({ status: 200, body: { closedAt } });
    const copy = textAt((await call('POST', `${path}/fork`, { messageId: waiting })).body, 'id');
    expect((await call('POST', `/chat-sessions/${copy}/messages`, { content: 'on' })).status).toBe(201);
    expect(await call('PATCH', `${path}/archive`)).toMatchObject({ body: { status: 'archived', closedAt } });
    const reopened = await call('POST', `${path}/reopen`);
    expect(reopened.body).not.toHaveProperty('closedAt');
    expect(reopened.body).toMatchObject({ status: 'archived' });
    expect((await call('POST', `${path}/reopen`)).status).toBe(200);
    expect((await call('POST', `${path}/messages`, { content: 'on' })).status).toBe(201);
    expect(await call('PATCH', `${path}/unarchive`)).toMatchObject({ body: { status: 'active' } });
  });

  it('[SES10] what runs and what waits can be cancelled in a closed session', async () => {
    const id = await create();
    const path = `/chat-sessions/${id}`;
    const baseline = await openBaselineClient(server.url);
    await call('POST', `${path}/messages`, { content: '[[tokens=5000 delay=1]] long' });
    await call('POST', `${path}/messages`, { content: '[[tokens=5000 delay=1]] waits' });
    await call('POST', `${path}/close`);
    expect(await call('POST', `${path}/cancel`, {})).toMatchObject({
      status: 200,
      body: { cancelled: [expect.any(String), expect.any(String)] },
    });
    await baseline.until((frames) => frames.some(({ data }) => data['state'] === 'idle'));
    baseline.close();
    expect((await call('DELETE', path)).status).toBe(204);
  });

  it('[PTC2] [PTC3] [PTC4] [PTC6] [PTC7] [PTC8] [SRC11] [CLT12] people and agents take part, as the client library says', async () => {
    const { client, violations } = watchedClient({ url: server.url, WebSocket });
    const admin = administration(client);
    const baseline = await openBaselineClient(server.url);
    const events = client.events({ namespaces: ['chat-sessions'] });
    await events.subscribed;
    const { id, updatedAt } = await client.createSession({ title: 'Team' });
    const coder = 'agent:coder/1 ü';
    const ada = await admin.addParticipant(id, { id: 'key:ada', name: 'Ada', role: 'owner' });
    expect(ada).toMatchObject({ sessionId: id, id: 'key:ada', name: 'Ada', role: 'owner' });
    await admin.addParticipant(id, { id: coder, role: 'agent' });
    expect(await admin.addParticipant(id, { id: 'key:ada', name: 'Ada', role: 'owner' })).toEqual(ada);
    await expect(admin.addParticipant(id, { id: coder, role: 'owner' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(admin.removeParticipant(id, 'key:ada')).rejects.toMatchObject({ code: 'conflict' });
    await expect(admin.removeParticipant(id, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect((await admin.findSessions({ agent: coder })).map((one) => one.id)).toEqual([id]);
    await admin.closeSession(id);
    const changed = await admin.updateParticipant(id, coder, { name: 'Coder', role: 'observer' });
    await admin.archiveSession(id);
    await admin.unarchiveSession(id);
    const { updatedAt: later } = await admin.reopenSession(id);
    expect(later > updatedAt).toBe(true);
    expect(await admin.findSessions({ agent: coder })).toEqual([]);
    expect((await admin.findSessions({ participant: coder, status: 'active' })).map((one) => one.id)).toEqual(
      [id],
    );
    expect(await admin.readParticipants(id)).toEqual([ada, changed]);

    const session = client.session(id);
    const sent = await session.send('[[tokens=3 delay=0]] Hello');
    for await (const { activity, messages } of session.snapshot) {
      if (activity === 'idle' && messages[1]?.streaming === false) break;
    }
    const fork = await session.fork(sent.id);
    expect(await admin.readParticipants(fork.id)).toEqual([]);
    const { body: transcript } = await call('GET', `/chat-sessions/${id}/transcript`);
    expect(transcript).toMatchObject({
      participants: [
        { id: 'key:ada', name: 'Ada', role: 'owner' },
        { id: coder, name: 'Coder', role: 'observer' },
      ],
    });
    const imported = await admin.importSession(Object(transcript));
    expect(await admin.readParticipants(imported.id)).toMatchObject([
      { sessionId: imported.id, id: 'key:ada', name: 'Ada', role: 'owner' },
      { sessionId: imported.id, id: coder, name: 'Coder', role: 'observer' },
    ]);
    for (const format of ['markdown', 'text']) {
      const response = await fetch(`${server.url}/chat-sessions/${id}/transcript?format=${format}`);
      expect(await response.text()).toContain('Participants: Ada (owner), Coder (observer)');
    }
    await admin.removeParticipant(id, coder);
    expect((await admin.findSessions({ participant: coder })).map((one) => one.id)).toEqual([imported.id]);
    await admin.deleteSession(id);
    expect((await admin.findSessions({ participant: 'key:ada' })).map((one) => one.id)).toEqual([
      imported.id,
    ]);

    const told: string[] = [];
    for await (const { event, data } of events) {
      if (event.startsWith('participant.')) told.push(`${event} ${textAt(data, 'id')}`);
      if (event === 'session.deleted') break;
    }
    expect(told).toEqual([
      'participant.added key:ada',
      `participant.added ${coder}`,
      `participant.updated ${coder}`,
      'participant.added key:ada',
      `participant.added ${coder}`,
      `participant.removed ${coder}`,
    ]);
    await baseline.until((frames) => frames.some(({ event }) => event === 'session.deleted'));
    expect(baseline.frames.filter(({ event }) => event.startsWith('participant'))).toEqual([]);
    baseline.close();
    expect(violations).toEqual([]);
    client.close();
  });
});
