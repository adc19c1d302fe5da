/**
 * Goal: a stranger, with a key of its own, gets nothing of somebody else's session and changes nothing in it ([OWN3], I13).
 * Method: a real server with two keys; an owner makes a session with a message, its answer, a trace and a tool call. Every
 * route of the route table, every frame of the command tables, and every way to hear events is tried by the stranger, and
 * once by the owner as a control. What arrived at the stranger is searched for the owner's secret and ids.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { commandTable } from '../../schema/command-table.ts';
import { turnCommandTable } from '../../schema/turn-command-table.ts';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { baselineNamespaces, wireNamespaces } from '../../schema/wire-event-table.ts';
import { resourceOfPath } from '../../src/gateway/access/authorize.ts';
import { routes } from '../../src/gateway/routes/route-table.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const secret = 'the owner alone knows zanzibar';
const search = 'zanzibar';

describe.each(databases)('a stranger on $name', (database) => {
  let server: ServerProcess;
  let remove: () => Promise<void>;
  /** Ids that the stranger knows, as if the owner had sent a link. */
  const ids = { session: '', message: '', answer: '', trace: '', turn: '', call: '', file: '' };
  let before = '';

  async function ask(key: string, method: string, path: string, body?: object) {
    const stop = AbortSignal.timeout(5000);
    const response = await fetch(server.url + path, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: stop,
    });
    const text = await response.text();
    return { status: response.status, text };
  }
  const as = (key: string) => ({
    get: async (path: string) => JSON.parse((await ask(key, 'GET', path)).text),
    post: async (path: string, body: object) => JSON.parse((await ask(key, 'POST', path, body)).text),
  });
  const owner = as('key-of-the-owner');

  async function uploaded(key: string, body: string): Promise<string> {
    const response = await fetch(`${server.url}/files`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/octet-stream' },
      body,
    });
    return JSON.parse(await response.text()).id;
  }

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const opened = await database.prepare();
    await writeFile(
      join(folder.path, 'callboard.config.json'),
      JSON.stringify({ apiKeys: ['key-of-the-owner', 'key-of-a-stranger'], rehearsalDelayMs: 0 }),
    );
    server = await startServer({ dataFolder: folder.path, env: { ...opened.env } });
    remove = async () => {
      await server.end();
      await opened.remove();
      await folder.remove();
    };
    ids.session = (await owner.post('/chat-sessions', { title: secret })).id;
    const text = `${secret} [[tool=clock tokens=3 delay=0]]`;
    ids.file = await uploaded('key-of-the-owner', secret);
    const parts = [
      { type: 'text', text },
      { type: 'file', fileId: ids.file },
    ];
    ids.message = (await owner.post(`/chat-sessions/${ids.session}/messages`, { role: 'user', parts })).id;
    for (;;) {
      const messages: { readonly id: string; readonly role: string; readonly status?: string }[] =
        await owner.get(`/chat-sessions/${ids.session}/messages`);
      const answer = messages.find(({ role }) => role === 'assistant');
      const [run] = await owner.get(`/chat-sessions/${ids.session}/runs`);
      if (answer !== undefined && run?.trace.status === 'completed') {
        ids.answer = answer.id;
        ids.trace = run.trace.id;
        ids.call = run.toolCalls[0].id;
        break;
      }
    }
    const turns = await owner.get('/turns?status=completed');
    ids.turn = turns[0].turnId;
    before = await state();
  }, 60_000);
  afterAll(() => remove());

  /** All that the owner sees of the session. */
  async function state(): Promise<string> {
    const base = `/chat-sessions/${ids.session}`;
    const paths = ['', '/messages?branch=all', '/participants', '/runs', '/tool-calls', '/transcript'];
    const parts = await Promise.all(paths.map((path) => ask('key-of-the-owner', 'GET', base + path)));
    return JSON.stringify(
      parts.map(({ status, text }) => [status, text.replace(/"exportedAt":"[^"]*"/, '')]),
    );
  }

  const tells = (text: string) => [search, ...Object.values(ids)].filter((one) => text.includes(one));

  /** A path of the table with the ids of the owner's things. */
  function filled(path: string): string {
    const kind = resourceOfPath(path);
    const id = kind === null ? ids.session : ids[kind];
    return path
      .replace(':id', id)
      .replace(':callId', ids.call)
      .replace(':messageId', ids.answer)
      .replace(':name', 'somebody');
  }

  const ofSomething = routes.filter((route) => resourceOfPath(route.path) !== null);

  it.each(ofSomething.map(({ method, path, scope }) => ({ method, path, scope })))(
    '[OWN3] gets nothing from $method $path',
    async ({ method, path, scope = 'read' }) => {
      const body = method === 'GET' ? undefined : {};
      const got = await ask('key-of-a-stranger', method, filled(path), body);
      // The id that was asked for is said again, and nothing else.
      expect(
        tells(
          got.text.replaceAll(filled(path), '').replaceAll(/(?:session|Turn|Trace|File) [\w-]{36} not/g, ''),
        ),
      ).toEqual([]);
      expect(got.status).toBe(scope === 'read' || scope === 'chat' ? 404 : 403);
    },
  );

  it('[OWN3] changed nothing with any route', async () => {
    expect(await state()).toBe(before);
  });

  it.each(ofSomething.filter(({ method }) => method === 'GET').map(({ path, scope }) => ({ path, scope })))(
    '[OWN2] while its owner gets an answer from GET $path',
    async ({ path, scope = 'read' }) => {
      const { status } = await ask('key-of-the-owner', 'GET', filled(path));
      expect(status).toBe(scope === 'read' ? 200 : 403);
    },
  );

  it.each([
    '/chat-sessions',
    `/chat-sessions?q=${search}`,
    '/chat-sessions?participant=local',
    '/traces',
    '/turns?status=completed',
    '/tool-calls?status=completed',
  ])('[OWN5] finds nothing in GET %s, where its owner does', async (path) => {
    expect((await ask('key-of-a-stranger', 'GET', path)).text).toBe('[]');
    if (path.includes('participant')) return;
    expect(tells((await ask('key-of-the-owner', 'GET', path)).text)).not.toEqual([]);
  });

  it('[OWN5] finds nothing by the id of the session in other places', async () => {
    for (const path of [
      `/traces?sessionId=${ids.session}`,
      `/orchestrator/metadata?sessionId=${ids.session}`,
      `/orchestrator/execution-state?sessionId=${ids.session}`,
      `/events?sessionId=${ids.session}`,
    ]) {
      const { status, text } = await ask('key-of-a-stranger', 'GET', path);
      expect([path, status === 404 || text === '[]']).toEqual([path, true]);
    }
  });

  /** Frames that arrive within a while on a socket, while `run` is done. */
  async function heard(
    key: string,
    path: string,
    subprotocol: string | null,
    run: (send: (frame: object) => void) => Promise<void>,
  ) {
    const frames: string[] = [];
    const protocols = subprotocol === null ? [] : [subprotocol];
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, protocols, {
      headers: { 'x-api-key': key },
    });
    socket.on('message', (bytes) => frames.push(String(bytes)));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    await run((frame) => socket.send(JSON.stringify(frame)));
    socket.close();
    await new Promise((resolve) => socket.once('close', resolve));
    return frames;
  }

  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  /** The owner says something that is answered, and so streams. */
  async function talk(): Promise<void> {
    const content = `${secret} again [[tokens=5 delay=0]]`;
    await owner.post(`/chat-sessions/${ids.session}/messages`, { role: 'user', content });
    await pause(700);
  }

  it.each([...baselineNamespaces])(
    '[OWN3] hears nothing on the baseline socket of %s',
    async (namespace) => {
      const both = await Promise.all([
        heard('key-of-a-stranger', `/${namespace}`, null, talk),
        heard('key-of-the-owner', `/${namespace}`, null, talk),
      ]);
      expect(both[0].filter((frame) => tells(frame).length > 0)).toEqual([]);
      const hears = both[1].some((frame) => tells(frame).length > 0);
      expect([namespace, hears]).toEqual([namespace, !['config', 'tools', 'logs'].includes(namespace)]);
    },
    20_000,
  );

  it('[OWN3] hears nothing live, by whole namespaces or of the session, on callboard.v1', async () => {
    const subscribe = async (send: (frame: object) => void) => {
      send({ event: 'subscribe', data: { namespaces: [...wireNamespaces] }, id: 1 });
      send({ event: 'subscribe', data: { namespaces: ['chat-sessions'], sessionId: ids.session }, id: 2 });
      await talk();
    };
    const [stranger, own] = await Promise.all([
      heard('key-of-a-stranger', '/live', callboardV1Subprotocol, subscribe),
      heard('key-of-the-owner', '/live', callboardV1Subprotocol, subscribe),
    ]);
    const refusedOne = stranger.find((frame) => frame.includes('"id":2')) ?? '';
    expect(JSON.parse(refusedOne)).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
    const others = stranger.filter((frame) => frame !== refusedOne);
    expect(others.filter((frame) => tells(frame).length > 0)).toEqual([]);
    expect(own.some((frame) => frame.includes('message.delta'))).toBe(true);
    expect(own.some((frame) => tells(frame).length > 0)).toBe(true);
  }, 20_000);

  it('[OWN3] hears nothing by resuming from the beginning, on sockets and over SSE', async () => {
    const hello = await heard('key-of-a-stranger', '/live', callboardV1Subprotocol, () => pause(200));
    const { epoch } = JSON.parse(hello[0] ?? '').data;
    const query = `namespaces=${wireNamespaces.join(',')}&since=${epoch}:0`;
    for (const [key, isOwner] of [
      ['key-of-a-stranger', false],
      ['key-of-the-owner', true],
    ] as const) {
      const frames = await heard(key, `/live?${query}`, callboardV1Subprotocol, () => pause(1000));
      expect(frames.some((frame) => tells(frame).length > 0)).toBe(isOwner);
      const stop = new AbortController();
      const response = await fetch(`${server.url}/events?${query}`, {
        headers: { 'x-api-key': key },
        signal: stop.signal,
      });
      let text = '';
      setTimeout(() => stop.abort(), 1000);
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
      } catch {
        // It was ended here.
      }
      expect(tells(text).length > 0).toBe(isOwner);
    }
  }, 20_000);

  it('[OWN7] gets nothing of a trace that belongs to no session, while its owner does, live and on resume', async () => {
    const span = {
      id: '00000000-0000-4000-8000-00000000beef',
      name: secret,
      startedAt: '2026-11-23T10:00:00Z',
      endedAt: '2026-11-23T10:00:01Z',
    };
    let lone = '';
    const traced = async () => {
      const made = await owner.post('/traces', { name: secret, metadata: { job: secret } });
      lone = made.id;
      await owner.post(`/traces/${lone}/spans`, { spans: [span] });
      await owner.post(`/traces/${lone}/finalise`, {});
      await pause(500);
    };
    const subscribe = (done: () => Promise<void>) => async (send: (frame: object) => void) => {
      send({ event: 'subscribe', data: { namespaces: ['traces'] }, id: 1 });
      await pause(200);
      await done();
    };
    const [baseline, live, own] = await Promise.all([
      heard('key-of-a-stranger', '/traces', null, () => pause(1500)),
      heard(
        'key-of-a-stranger',
        '/live',
        callboardV1Subprotocol,
        subscribe(() => pause(1200)),
      ),
      heard('key-of-the-owner', '/live', callboardV1Subprotocol, subscribe(traced)),
    ]);
    const tellsOfIt = (text: string) => [lone, search, span.id].filter((one) => text.includes(one));
    expect(own.filter((frame) => tellsOfIt(frame).length > 0)).toHaveLength(3);
    for (const frame of [...baseline, ...live]) expect(tellsOfIt(frame)).toEqual([]);
    const { epoch } = JSON.parse(live[0] ?? '').data;
    const resume = `/live?namespaces=traces&since=${epoch}:0`;
    const resumed = await heard('key-of-a-stranger', resume, callboardV1Subprotocol, () => pause(600));
    for (const frame of resumed) expect(tellsOfIt(frame)).toEqual([]);
    const again = await heard('key-of-the-owner', resume, callboardV1Subprotocol, () => pause(600));
    expect(again.filter((frame) => frame.includes(lone))).toHaveLength(3);

    const asked: [string, string, object?][] = [
      ['GET', `/traces/${lone}`],
      ['GET', `/traces/${lone}/spans`],
      ['POST', `/traces/${lone}/spans`, { spans: [{ ...span, id: ids.session }] }],
      ['POST', `/traces/${lone}/finalise`, {}],
    ];
    for (const [method, path, body] of asked) {
      const got = await ask('key-of-a-stranger', method, path, body);
      expect([path, got.status, tellsOfIt(got.text.replaceAll(lone, ''))]).toEqual([path, 404, []]);
    }
    expect((await ask('key-of-a-stranger', 'GET', '/traces')).text).toBe('[]');
    expect((await ask('key-of-the-owner', 'GET', '/traces')).text).toContain(lone);
    expect((await ask('key-of-the-owner', 'GET', `/traces/${lone}/spans`)).text).toContain(span.id);
    // Not even whoever knows all of it gets it for its own.
    const same = { id: lone, name: secret, metadata: { job: secret } };
    const repeated = await ask('key-of-a-stranger', 'POST', '/traces', same);
    expect([repeated.status, repeated.text.includes(search)]).toEqual([409, false]);
    expect((await ask('key-of-the-owner', 'POST', '/traces', same)).status).toBe(201);
  }, 20_000);

  const frames = [...Object.values(commandTable), ...Object.values(turnCommandTable)].flatMap(
    ({ frame }) => frame ?? [],
  );

  it.each(frames)('[OWN3] is told that there is nothing when it sends %s', async (event) => {
    const was = await state();
    const about = event.startsWith('turn.') && !['turn.start', 'turn.cancel'].includes(event);
    const data = {
      ...(about ? { turnId: ids.turn } : { sessionId: ids.session }),
      messageId: ids.message,
      leafId: ids.message,
      callId: ids.call,
      content: 'by a stranger',
      message: { role: 'user', content: 'by a stranger' },
      agent: 'stranger',
      lease: 'none',
      ...(event === 'turn.push' ? { parts: [] } : {}),
      error: 'none',
    };
    const got = await heard('key-of-a-stranger', '/live', callboardV1Subprotocol, async (send) => {
      send({ event, data, id: 7 });
      await pause(300);
    });
    const answer = JSON.parse(got.find((frame) => frame.includes('"id":7')) ?? '{}');
    expect(answer).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
    expect(await state()).toBe(was);
  });

  it('[OWN3] a baseline frame of a stranger is refused, and adds nothing', async () => {
    const was = await state();
    const got = await heard('key-of-a-stranger', '/chat-sessions', null, async (send) => {
      send({
        event: 'message.send',
        data: { sessionId: ids.session, message: { role: 'user', content: 'x' } },
      });
      await pause(300);
    });
    expect(got.some((frame) => frame.includes('exception'))).toBe(true);
    expect(await state()).toBe(was);
  });

  it('[OWN3] who is made an observer hears of it first, reads, changes nothing, and hears last that it is over', async () => {
    const mine = await as('key-of-a-stranger').post('/chat-sessions', { title: 'of the stranger' });
    const transcript: string[] = [];
    const invited = await heard('key-of-a-stranger', '/live', callboardV1Subprotocol, async (send) => {
      send({ event: 'subscribe', data: { namespaces: ['chat-sessions', 'chat-messages'] }, id: 1 });
      await pause(200);
      const stranger = await idOf('key-of-a-stranger');
      const base = `/chat-sessions/${ids.session}`;
      const added = await ask('key-of-the-owner', 'POST', `${base}/participants`, {
        id: stranger,
        role: 'observer',
      });
      expect(added.status).toBe(201);
      await talk();
      transcript.push((await ask('key-of-a-stranger', 'GET', `${base}/messages`)).text);
      const said = await ask('key-of-a-stranger', 'POST', `${base}/messages`, { role: 'user', content: 'I' });
      expect(said.status).toBe(403);
      expect((await ask('key-of-a-stranger', 'DELETE', base)).status).toBe(403);
      const path = `${base}/participants/${encodeURIComponent(stranger)}`;
      expect((await ask('key-of-the-owner', 'DELETE', path)).status).toBe(204);
      await talk();
    });
    expect(tells(transcript.join())).not.toEqual([]);
    const events = invited
      .map((frame) => JSON.parse(frame))
      .filter(({ data, event }) => event !== 'ack' && JSON.stringify(data ?? {}).includes(ids.session));
    expect(events[0]).toMatchObject({ event: 'participant.added' });
    expect(events.at(-1)).toMatchObject({ event: 'participant.removed' });
    expect(events.length).toBeGreaterThan(4);
    expect((await ask('key-of-a-stranger', 'GET', `/chat-sessions/${ids.session}`)).status).toBe(404);
    expect((await ask('key-of-a-stranger', 'GET', `/chat-sessions/${mine.id}`)).status).toBe(200);
  }, 20_000);

  /** A principal's own id is what the config history calls whoever changed something: there is no other way yet. */
  async function idOf(key: string): Promise<string> {
    const { createHash } = await import('node:crypto');
    const known = createHash('sha256').update(key).digest();
    return `key:${createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22)}`;
  }
});
