/**
 * Goal: a stranger who knows ids of somebody else's messages learns and spoils nothing with them ([OWN6], I13). Method: a real
 * server with two keys. The stranger does everything that can be done with the id of a message, in sessions of its own,
 * once with each id of the owner's and once with new ids, and compares what it got; the owner's session is read before
 * and after. At last both have answers streamed at the same time, in sessions whose messages have the same ids.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { databases } from '../processes/databases.ts';
import { startServer, temporaryFolder } from '../processes/server-process.ts';

const keys = { owner: 'key-of-the-owner', stranger: 'key-of-a-stranger' } as const;
type Who = keyof typeof keys;

type Got = { readonly status: number; readonly text: string };
type Message = {
  readonly id: string;
  readonly role: string;
  readonly content: string;
  readonly status?: string;
};

describe.each(databases)('ids of messages on $name', (database) => {
  let url = '';
  let remove: () => Promise<void>;

  async function ask(who: Who, method: string, path: string, body?: object): Promise<Got> {
    const response = await fetch(url + path, {
      method,
      headers: {
        'x-api-key': keys[who],
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, text: await response.text() };
  }

  const json = ({ text }: Got) => JSON.parse(text);

  async function newSession(who: Who): Promise<string> {
    return json(await ask(who, 'POST', '/chat-sessions', { title: `of the ${who}` })).id;
  }

  const messagesOf = async (who: Who, session: string): Promise<readonly Message[]> =>
    json(await ask(who, 'GET', `/chat-sessions/${session}/messages?branch=all`));

  /** Waits until nothing runs in the session. */
  async function settled(who: Who, session: string): Promise<void> {
    for (;;) {
      const turns: readonly { readonly sessionId: string }[] = [
        ...json(await ask(who, 'GET', '/turns?status=running')),
        ...json(await ask(who, 'GET', '/turns?status=queued')),
      ];
      if (turns.every(({ sessionId }) => sessionId !== session)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const opened = await database.prepare();
    await writeFile(
      join(folder.path, 'callboard.config.json'),
      JSON.stringify({ apiKeys: Object.values(keys), rehearsalDelayMs: 0 }),
    );
    const server = await startServer({ dataFolder: folder.path, env: { ...opened.env } });
    url = server.url;
    remove = async () => {
      await server.end();
      await opened.remove();
      await folder.remove();
    };
  }, 60_000);
  afterAll(() => remove());

  /** All that the owner sees of the session. */
  async function state(session: string): Promise<string> {
    const base = `/chat-sessions/${session}`;
    const paths = [
      '',
      '/messages',
      '/messages?branch=all',
      '/runs',
      '/tool-calls',
      '/transcript',
      '/participants',
    ];
    const found = await ask('owner', 'GET', '/chat-sessions?q=zanzibar');
    const parts = await Promise.all(paths.map((path) => ask('owner', 'GET', base + path)));
    return JSON.stringify(
      [...parts, found].map(({ status, text }) => [status, text.replace(/"exportedAt":"[^"]*"/, '')]),
    );
  }

  /** Everything that takes the id of a message, in a session of the stranger's own; with what it got each time. */
  async function everything(id: string): Promise<readonly string[]> {
    const got: Got[] = [];
    const session = await newSession('stranger');
    const base = `/chat-sessions/${session}`;
    const try_ = async (method: string, path: string, body?: object) => {
      got.push(await ask('stranger', method, path.replace(':message', id), body));
      await settled('stranger', session);
    };
    const about = async () => {
      await try_('GET', `${base}/messages?before=:message`);
      await try_('POST', `${base}/fork`, { messageId: id });
      const fork = got.at(-1);
      if (fork?.status === 201) await ask('stranger', 'DELETE', `/chat-sessions/${json(fork).id}`);
      await try_('PUT', `${base}/branch`, { leafId: id });
      await try_('POST', `${base}/cancel`, { messageId: id });
      await try_('POST', `${base}/messages/:message/send-now`, {});
      await try_('POST', `${base}/messages/:message/steer`, {});
      await try_('PATCH', `${base}/messages/:message`, { content: 'edited [[tokens=2]]' });
      await try_('POST', `${base}/messages/:message/regenerate`, {});
    };
    const send = (content: string) => try_('POST', `${base}/messages`, { id, role: 'user', content });
    await about();
    await send('mine [[tokens=3]]');
    await send('mine [[tokens=3]]');
    await send('another');
    await about();
    await try_('GET', `${base}/messages?branch=all`);
    await try_('GET', `${base}/runs`);
    await try_('GET', `/chat-sessions?q=mine`);
    await try_('DELETE', `${base}/messages/:message`);
    await try_('DELETE', `${base}/messages/:message`);
    await send('mine [[tokens=3]]');
    await about();
    await try_('DELETE', base);
    await send('after the end');
    return got.map(({ status, text }) => `${status} ${normal(text, id)}`);
  }

  /** Without what is different for any two ids. */
  function normal(text: string, id: string): string {
    return text
      .replaceAll(id, 'THE ID')
      .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, 'AN ID')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'A TIME')
      .replaceAll(/durationMs\\*":\d+/g, 'A DURATION');
  }

  it('[OWN6] [CMD2] get a stranger what new ids get, and harm nothing', async () => {
    const session = await newSession('owner');
    const base = `/chat-sessions/${session}`;
    const said = randomUUID();
    const content = 'the owner knows zanzibar [[tool=clock tokens=3]]';
    await ask('owner', 'POST', `${base}/messages`, { id: said, role: 'user', content });
    await settled('owner', session);
    const deleted = randomUUID();
    await ask('owner', 'POST', `${base}/messages`, {
      id: deleted,
      role: 'user',
      content: 'not this [[tokens=1]]',
    });
    await settled('owner', session);
    await ask('owner', 'DELETE', `${base}/messages/${deleted}`);
    const answer = (await messagesOf('owner', session)).find(({ role }) => role === 'assistant');
    if (answer === undefined) throw new Error('the owner was answered');
    const before = await state(session);
    expect(before).toContain('zanzibar');

    const [control, again] = [await everything(randomUUID()), await everything(randomUUID())];
    expect(again).toEqual(control);
    expect(control.join()).toContain('was used for another message');
    for (const id of [said, answer.id, deleted]) {
      expect(await everything(id)).toEqual(control);
      expect(await state(session)).toBe(before);
    }
    // The owner's names still name the owner's commands.
    const repeated = await ask('owner', 'POST', `${base}/messages`, { id: said, role: 'user', content });
    expect([repeated.status, json(repeated).content]).toEqual([201, content]);
    const changed = await ask('owner', 'POST', `${base}/messages`, { id: said, role: 'user', content: 'x' });
    expect(changed.status).toBe(409);
  }, 120_000);

  it('[OWN6] mix nothing of two answers that stream at the same time', async () => {
    const sockets = await Promise.all(
      (['owner', 'stranger'] as const).map(async (who) => {
        const frames: string[] = [];
        const socket = new WebSocket(`${url.replace('http', 'ws')}/chat-messages`, {
          headers: { 'x-api-key': keys[who] },
        });
        socket.on('message', (bytes) => frames.push(String(bytes)));
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
        const session = await newSession(who);
        return { who, frames, socket, session };
      }),
    );
    const id = randomUUID();
    const words = { owner: 'zanzibar', stranger: 'timbuktu' };
    const said = await Promise.all(
      sockets.map(({ who, session }) =>
        ask(who, 'POST', `/chat-sessions/${session}/messages`, {
          ...{ id, role: 'user' },
          content: `${words[who]} [[tokens=60 delay=10]]`,
        }),
      ),
    );
    expect(said.map(({ status }) => status)).toEqual([201, 201]);
    // While both stream, the stranger uses the ids of both answers, too.
    const [mine, theirs] = await Promise.all(
      sockets.map(async ({ frames }) => {
        for (;;) {
          const first = frames.find((frame) => frame.includes('message.partial'));
          if (first !== undefined) return JSON.parse(first).data.id as string;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }),
    );
    const other = await newSession('stranger');
    for (const answer of [mine, theirs]) {
      const sent = await ask('stranger', 'POST', `/chat-sessions/${other}/messages`, {
        ...{ id: answer, role: 'user' },
        content: 'timbuktu again [[tokens=60 delay=5]]',
      });
      expect(sent.status).toBe(201);
      await ask('stranger', 'DELETE', `/chat-sessions/${other}/messages/${answer}`);
    }
    await Promise.all([
      ...sockets.map(({ who, session }) => settled(who, session)),
      settled('stranger', other),
    ]);
    for (const { who, frames, socket, session } of sockets) {
      socket.close();
      await new Promise((resolve) => socket.once('close', resolve));
      const [foreign] = Object.entries(words).flatMap(([one, word]) => (one === who ? [] : [word]));
      expect(frames.filter((frame) => frame.includes(foreign ?? ''))).toEqual([]);
      const answer = (await messagesOf(who, session)).find(({ role }) => role === 'assistant');
      const partials = frames
        .map((frame) => JSON.parse(frame))
        .filter(({ event, data }) => event === 'message.partial' && data.sessionId === session);
      expect(partials.length).toBeGreaterThan(1);
      for (const { data } of partials) expect(answer?.content.startsWith(data.content)).toBe(true);
      expect((await messagesOf(who, session)).map(({ role }) => role)).toEqual(['user', 'assistant']);
    }
  }, 60_000);
});
