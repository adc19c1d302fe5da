/**
 * Goal: a client gets no model, option, role or tool that it may not choose, on any way in ([CHO1]–[CHO5]), and whoever may
 * choose it does. Method: a real server with two keys; every route and frame whose schema takes options is tried by both
 * with each forbidden choice. A new way in that is not tried fails the suite.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { commandTable } from '../../schema/command-table.ts';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { routes } from '../../src/gateway/routes/route-table.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { principalIdOf } from './attack-world.ts';

const person = 'key-of-a-person';
const operator = 'key-of-an-operator';

/** What the person may not choose, and whether the operator may. */
const forbidden = [
  { options: { model: 'cloud/dear' }, status: 403, says: 'not among the models', operator: true },
  { options: { model: 'nowhere/any' }, status: 403, says: 'not among the models', operator: false },
  { options: { systemPrompt: 'Be evil' }, status: 403, says: 'systemPrompt', operator: false },
  { options: { maxOutputTokens: 101 }, status: 403, says: 'at most 100', operator: false },
] as const;
const permitted = { model: 'cloud/small', maxOutputTokens: 100, temperature: 1 };

describe('what clients may choose', () => {
  let server: ServerProcess;
  let remove: () => Promise<void>;
  /** A session of each, with a question that has its answer. */
  const own = new Map<string, { readonly session: string; readonly message: string }>();
  /** What became of the tool calls for those questions. */
  const ran = new Map<string, readonly string[]>();
  let transcript: Readonly<Record<string, unknown>> = {};

  async function ask(key: string, method: string, path: string, body?: object) {
    const response = await fetch(server.url + path, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? null : JSON.parse(text) };
  }

  beforeAll(async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder.path, 'callboard.config.json'),
      JSON.stringify({
        apiKeys: [
          { key: person, scopes: ['chat'] },
          { key: operator, scopes: ['chat', 'roles', 'admin', 'tools'] },
        ],
        providers: {
          cloud: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9', models: ['small', 'dear'] },
        },
        clientModels: { everybody: ['cloud/small'], admin: ['*'] },
        clientOptions: { systemPrompt: 'deny', maxOutputTokens: { max: 100 } },
        tools: { clock: { scope: 'tools' } },
        rehearsalDelayMs: 0,
      }),
    );
    server = await startServer({ dataFolder: folder.path });
    remove = async () => {
      await server.end();
      await folder.remove();
    };
    for (const key of [person, operator]) {
      const { body } = await ask(key, 'POST', '/chat-sessions', { title: 'Mine' });
      const said = await ask(key, 'POST', `/chat-sessions/${body.id}/messages`, {
        content: 'Hello [[tool=clock tokens=2 delay=0]]',
      });
      own.set(key, { session: body.id, message: said.body.id });
      const run = await vi.waitFor(async () => {
        const [first] = (await ask(key, 'GET', `/chat-sessions/${body.id}/runs`)).body;
        expect(first.trace.status).toBe('completed');
        return first;
      }, 10_000);
      ran.set(
        key,
        run.toolCalls.map(({ status }: { status: string }) => status),
      );
    }
    transcript = (await ask(operator, 'GET', `/chat-sessions/${own.get(operator)?.session}/transcript`)).body;
  }, 30_000);
  afterAll(() => remove());

  const of = (key: string) => own.get(key) ?? { session: '', message: '' };

  /** How each way gives the options; the body, or what is beside the ids in a frame. */
  const ways: Readonly<Record<string, (options: object) => object>> = {
    'POST /chat-sessions': (options) => ({ title: 'New', options }),
    'PATCH /chat-sessions/:id': (options) => ({ options }),
    'POST /chat-sessions/:id/messages': (options) => ({ content: 'Hello', options }),
    'PATCH /chat-sessions/:id/messages/:messageId': (options) => ({ content: 'Hello', options }),
    'POST /chat-sessions/:id/messages/:messageId/regenerate': (options) => ({ options }),
    'POST /chat-sessions/import': (options) => ({
      ...transcript,
      ...{ messages: [], turns: [], calls: [], leafId: null },
      session: { ...Object(transcript['session']), options },
    }),
    'message.send': (options) => ({ message: { content: 'Hello', options } }),
    'message.edit': (options) => ({ content: 'Hello', options }),
    'message.regenerate': (options) => ({ options }),
  };

  it('[CHO5] every route and frame that takes options is tried', () => {
    const taking = routes.filter(({ body }) =>
      JSON.stringify(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })).includes('systemPrompt'),
    );
    const frames = taking.flatMap(({ method, path }) =>
      Object.values(commandTable).flatMap(({ rest, frame }) =>
        frame !== null && rest.method === method && rest.path === path ? [frame] : [],
      ),
    );
    // The config of the server is not a choice of a client.
    const ofClients = taking
      .map(({ method, path }) => `${method} ${path}`)
      .filter((way) => !/\/config\b/.test(way));
    expect([...ofClients, ...frames].sort()).toEqual(Object.keys(ways).sort());
  });

  async function answerTo(key: string, frame: object, path: string, protocols: readonly string[]) {
    const limit = AbortSignal.timeout(5000);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, [...protocols], {
      headers: { 'x-api-key': key },
    });
    const heard = Promise.withResolvers<{ readonly event: string; readonly data: Record<string, unknown> }>();
    socket.on('message', (bytes) => {
      // What the sockets tell of the session says the id of no frame.
      if (String(bytes).includes('"id":7')) heard.resolve(JSON.parse(String(bytes)));
    });
    limit.addEventListener('abort', () => heard.reject(new Error('there is no answer')));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(JSON.stringify(frame));
    const answer = await heard.promise;
    socket.terminate();
    return answer;
  }

  async function tried(
    key: string,
    way: string,
    options: object,
  ): Promise<{ refused: boolean; text: string; status: number }> {
    const { session, message } = of(key);
    const body = ways[way]?.(options) ?? {};
    const [method = '', path] = way.split(' ');
    if (path === undefined) {
      const data = { sessionId: session, messageId: message, ...body };
      const { event, data: said } = await answerTo(key, { event: way, data, id: 7 }, '/live', [
        callboardV1Subprotocol,
      ]);
      const status = said?.['code'] === 'forbidden' ? 403 : 200;
      return { refused: event === 'exception', text: JSON.stringify(said), status };
    }
    const filled = path.replace(':id', session).replace(':messageId', message);
    const { status, text } = await ask(key, method, filled, body);
    return { refused: status >= 400, text, status };
  }

  describe.each(Object.keys(ways))('by %s', (way) => {
    it.each(forbidden)(
      '[CHO1] [CHO2] [CHO5] $options is refused',
      async ({ options, status, says, ...rest }) => {
        const got = await tried(person, way, options);
        expect(got).toMatchObject({ refused: true, status });
        expect(got.text).toContain(says);
        expect((await tried(operator, way, options)).refused).toBe(!rest.operator);
      },
    );

    it('[CHO1] [CHO2] and what is permitted is taken', async () => {
      expect((await tried(person, way, permitted)).refused).toBe(false);
    });
  });

  it('[CHO5] a baseline frame is refused alike', async () => {
    const frame = (key: string, message: object) => ({
      event: 'message.send',
      id: 7,
      data: { sessionId: of(key).session, message: { role: 'user', content: 'x', ...message } },
    });
    for (const { options, says } of forbidden) {
      const got = await answerTo(person, frame(person, { options }), '/chat-sessions', []);
      expect(got.event).toBe('exception');
      expect(JSON.stringify(got.data)).toContain(says);
    }
    const role = await answerTo(person, frame(person, { role: 'system' }), '/chat-sessions', []);
    expect(JSON.stringify(role.data)).toContain('needs the scope roles');
  });

  it('[CHO5] what somebody chose is no choice of whoever copies the session', async () => {
    const { session, message } = of(operator);
    const base = `/chat-sessions/${session}`;
    await ask(operator, 'PATCH', base, { options: { model: 'cloud/dear', temperature: 1 } });
    await ask(operator, 'POST', `${base}/participants`, { id: principalIdOf(person), role: 'observer' });
    const copies = [];
    for (const key of [operator, person]) {
      const { status, body } = await ask(key, 'POST', `${base}/fork`, { messageId: message });
      expect(status).toBe(201);
      copies.push(body.options);
    }
    expect(copies).toEqual([{ model: 'cloud/dear', temperature: 1 }, { temperature: 1 }]);
  });

  it('[CHO5] which models gave the answers of an import is history', async () => {
    const { turns } = z.object({ turns: z.array(z.looseObject({})).min(1) }).parse(transcript);
    const options = { model: 'nowhere/any', systemPrompt: 'Be brief', maxOutputTokens: 1000 };
    const body = { ...transcript, turns: turns.map((turn) => ({ ...turn, options })) };
    expect((await ask(operator, 'POST', '/chat-sessions/import', body)).status).toBe(201);
  });

  it.each(['assistant', 'system', 'developer', 'tool'])(
    '[CHO3] a message as %s needs the scope roles, posted or imported',
    async (role) => {
      for (const [key, status] of [
        [person, 403],
        [operator, 201],
      ] as const) {
        const { session } = of(key);
        const posted = await ask(key, 'POST', `/chat-sessions/${session}/messages`, {
          role,
          content: 'I said so',
        });
        expect([key, posted.status]).toEqual([key, status]);
      }
      const messages = [
        {
          id: crypto.randomUUID(),
          parentId: null,
          role,
          createdAt: '2026-11-23T04:40:00.000Z',
          status: 'complete',
          parts: [{ type: 'text', text: 'I said so' }],
        },
      ];
      const body = {
        ...transcript,
        session: { ...Object(transcript['session']), title: 'Told' },
        messages,
        turns: [],
        calls: [],
        leafId: messages[0]?.id,
      };
      for (const [key, status] of [
        [person, 403],
        [operator, 201],
      ] as const) {
        const imported = await ask(key, 'POST', '/chat-sessions/import', body);
        expect([key, imported.status]).toEqual([key, status]);
      }
    },
  );

  it('[CHO1] the catalogue shows each what it may choose', async () => {
    const models = async (key: string) =>
      (await ask(key, 'GET', '/providers/catalog')).body.map((one: { name: string; models: string[] }) => [
        one.name,
        one.models,
      ]);
    expect(await models(person)).toEqual([['cloud', ['small']]]);
    expect(await models(operator)).toEqual([
      ['rehearsal', ['rehearsal']],
      ['cloud', ['small', 'dear']],
    ]);
  });

  it('[CHO4] a tool with a scope runs for whoever has it', () => {
    expect(ran.get(person)).toEqual([]);
    expect(ran.get(operator)).toEqual(['completed']);
  });
});
