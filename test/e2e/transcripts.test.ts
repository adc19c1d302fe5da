/** Transcripts and imports of the real server, with an engine that writes down what it is told. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EngineRequest } from '../../actors/ports.ts';
import { chatMessageSchema } from '../../schema/chat-message.ts';
import { chatSessionSchema } from '../../schema/chat-session.ts';
import { type Transcript, transcriptSchema } from '../../schema/transcript.ts';
import { type Callboard, startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createRehearsalEngine } from '../../src/engines/rehearsal-engine.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { createPostgresSchema, postgresIsTested } from '../contract/journal-backend.ts';
import { effort } from '../effort.ts';
import { temporaryFolder } from '../processes/server-process.ts';

const at = '2026-01-01T00:00:00.000Z';
const importBytesMax = 32 * 1024 * 1024;
const idOf = (kind: number, count: number) =>
  `0000000${kind}-0000-4000-8000-${String(count).padStart(12, '0')}`;

/** A conversation of `count` messages of `units` characters. */
function longTranscript(count: number, units: number): Transcript {
  const messages = Array.from({ length: count }, (_, index) => ({
    id: idOf(1, index),
    role: 'user',
    createdAt: at,
    parentId: index === 0 ? null : idOf(1, index - 1),
    status: 'complete',
    parts: [{ type: 'text', text: `${index} `.padEnd(units, 'é') }],
  }));
  return transcriptSchema.parse({
    callboard: 'transcript',
    version: 1,
    session: { title: 'Long', createdAt: at, updatedAt: at },
    leafId: idOf(1, count - 1),
    messages,
    turns: [],
    calls: [],
  });
}

/** Ids by the order in which they come, and without the times of the session. */
function comparable(text: string): unknown {
  const names = new Map<string, string>();
  const renamed = text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    const name = names.get(id) ?? `id ${names.size}`;
    names.set(id, name);
    return name;
  });
  const { session, ...rest } = JSON.parse(renamed);
  return { ...rest, session: { ...session, createdAt: at, updatedAt: at } };
}

describe.each(postgresIsTested('transcripts beside PostgreSQL') ? ['SQLite', 'PostgreSQL'] : ['SQLite'])(
  'transcripts of a server with %s',
  (database) => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let schema: Awaited<ReturnType<typeof createPostgresSchema>> | undefined;
    let callboard: Callboard;
    let url: string;
    let asked: EngineRequest[] = [];
    let readPages = 0;

    beforeEach(async () => {
      folder = await temporaryFolder();
      schema = database === 'SQLite' ? undefined : await createPostgresSchema();
      asked = [];
      readPages = 0;
      const argv = ['--port', '0', '--data', folder.path];
      const env = {
        CALLBOARD_LOG_LEVEL: 'silent',
        CALLBOARD_IMPORT_BYTES_MAX: String(importBytesMax),
        ...(schema === undefined ? {} : { DATABASE_URL: schema.url }),
      };
      const loaded = loadConfig({ argv, env, cwd: folder.path });
      if (loaded.ok !== true) throw new Error('the configuration is wrong');
      const rehearsal = createRehearsalEngine({ clock: systemClock, tokens: 5, delayMs: 0 });
      const logging = createLogging({ level: 'silent', clock: systemClock, ids: systemIds });
      callboard = await startCallboard(loaded.config, logging, {
        engine: {
          ...rehearsal,
          stream: (request, ...rest) => {
            asked.push(request);
            return rehearsal.stream(request, ...rest);
          },
        },
        wrapStorage: (storage) => {
          const { transcripts } = storage.readModel;
          Object.assign(storage.readModel, {
            transcripts: {
              ...transcripts,
              messages: (...asked: Parameters<typeof transcripts.messages>) => {
                readPages++;
                return transcripts.messages(...asked);
              },
            },
          });
          return storage;
        },
      });
      url = `http://127.0.0.1:${callboard.port}`;
    });
    afterEach(async () => {
      await callboard.stop();
      await folder.remove();
      await schema?.drop();
    });

    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    const created = async (path: string, body: unknown): Promise<unknown> => {
      const response = await post(path, JSON.stringify(body));
      expect(response.status).toBe(201);
      return response.json();
    };
    const newSession = async () =>
      chatSessionSchema.parse(
        await created('/chat-sessions', { title: 'Talks: "one"', options: { temperature: 1 } }),
      );
    const sessions = async () =>
      z.array(chatSessionSchema).parse(await (await fetch(`${url}/chat-sessions`)).json());
    const messages = async (id: string) =>
      z.array(chatMessageSchema).parse(await (await fetch(`${url}/chat-sessions/${id}/messages`)).json());
    const told = async (id: string, query = '') => {
      const response = await fetch(`${url}/chat-sessions/${id}/transcript${query}`);
      expect(response.status).toBe(200);
      return response.text();
    };
    const imported = async (text: string, query = '', headers: Record<string, string> = {}) => {
      const response = await post(`/chat-sessions/import${query}`, text, headers);
      const body: unknown = await response.json();
      return { status: response.status, body };
    };

    /** Asks, and waits until the answer has ended. */
    async function ask(id: string, content: string): Promise<string> {
      const { id: prompt } = chatMessageSchema.parse(
        await created(`/chat-sessions/${id}/messages`, { content }),
      );
      await answered(id);
      return prompt;
    }
    async function answered(id: string): Promise<void> {
      for (;;) {
        const list = await messages(id);
        const last = list.at(-1);
        if (last?.role === 'assistant' && last.status !== 'streaming') return;
        await pause(10);
      }
    }
    async function talk(): Promise<string> {
      const { id } = await newSession();
      const first = await ask(id, 'Think and look. [[think=2 tool=clock]]');
      await ask(id, 'Then break off. [[tokens=4 fail=mid]]');
      await created(`/chat-sessions/${id}/messages/${first}/regenerate`, {});
      await answered(id);
      await ask(id, 'And on. [[tokens=6 finish=length]]');
      return id;
    }

    it('[TRN1] [TRN3] [TRN6] [TRN7] [TRN8] tell a conversation in three forms, under a name of its own', async () => {
      const id = await talk();
      const one = `${url}/chat-sessions/${id}/transcript`;
      const json = await fetch(one);
      expect(Object.fromEntries(json.headers)).toMatchObject({
        'content-type': 'application/json',
        'content-disposition': 'attachment; filename="Talks_ _one_.json"',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      const current = transcriptSchema.parse(await json.json());
      const list = await messages(id);
      expect(current.leafId).toBe(list.at(-1)?.id);
      const { title, options } = current.session;
      expect({ title, options }).toEqual({ title: 'Talks: "one"', options: { temperature: 1 } });
      const shown = list.map(({ sessionId: _, content: __, ...rest }) => rest);
      expect(current.messages).toEqual(shown);
      expect(current.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
      expect(current.calls).toHaveLength(1);
      expect(current.turns.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
      const all = transcriptSchema.parse(JSON.parse(await told(id, '?branch=all')));
      expect(all.messages).toHaveLength(7);
      expect(all.turns.map(({ outcome }) => outcome)).toEqual([
        'completed',
        'failed',
        'completed',
        'completed',
      ]);
      const markdown = await fetch(`${one}?format=markdown`);
      expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
      expect(markdown.headers.get('content-disposition')).toBe('attachment; filename="Talks_ _one_.md"');
      const read = await markdown.text();
      expect(read).toContain('<summary>Reasoning</summary>');
      expect(read).toContain('**Tool call** `clock` (completed)');
      expect(read).toContain('_The answer was cut off at its output limit._');
      const text = await fetch(`${one}?format=text&branch=all`);
      expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await text.text()).toContain('[The answer failed here.]');
      const head = await fetch(`${one}?format=markdown`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect(head.headers.get('content-disposition')).toBe('attachment; filename="Talks_ _one_.md"');
    });

    it('[TRN1] refuse a form that is none, a session that is none, and an id that is none', async () => {
      const id = (await newSession()).id;
      const status = async (path: string) => (await fetch(`${url}/chat-sessions/${path}`)).status;
      expect(await status(`${id}/transcript?format=pdf`)).toBe(400);
      expect(await status(`${id}/transcript?branch=none`)).toBe(400);
      expect(await status(`${id}/transcript?branch=all&branch=all`)).toBe(400);
      expect(await status(`${idOf(1, 1)}/transcript`)).toBe(404);
      expect(await status('one/transcript')).toBe(400);
      expect(JSON.parse(await told(id))).toMatchObject({ leafId: null, messages: [], turns: [], calls: [] });
    });

    it('[TRN9] [TRN14] are imported as they were, and a model is told the same from then on', async () => {
      const id = await talk();
      const whole = await told(id, '?branch=all');
      const { status, body } = await imported(whole, '?title=Again');
      expect(status).toBe(201);
      const copy = chatSessionSchema.parse(body);
      expect(copy.title).toBe('Again');
      const again = (await told(copy.id, '?branch=all')).replace('"Again"', JSON.stringify('Talks: "one"'));
      expect(comparable(again)).toEqual(comparable(whole));
      expect((await messages(copy.id)).map(({ content }) => content)).toEqual(
        (await messages(id)).map(({ content }) => content),
      );
      asked = [];
      await ask(id, 'What was it?');
      await ask(copy.id, 'What was it?');
      const [one, other] = asked.map(({ conversation }) =>
        comparable(JSON.stringify({ session: {}, conversation })),
      );
      expect(one).toEqual(other);
      expect(JSON.stringify(one)).toContain('"role":"tool"');
    });

    it('[TRN13] are imported once under one key, and another request with it is refused', async () => {
      const text = JSON.stringify(longTranscript(3, 10));
      const key = { 'idempotency-key': 'one' };
      const first = await imported(text, '', key);
      expect(first.status).toBe(201);
      expect(await imported(text, '', key)).toEqual(first);
      expect((await imported(text, '?title=Other', key)).status).toBe(409);
      expect((await imported(text.replace('Long', 'Wide'), '', key)).status).toBe(409);
      expect(await sessions()).toHaveLength(1);
    });

    it('[TRN10] [TRN11] [TRN12] [TRN13] are refused whole, and nothing of them is stored', async () => {
      const text = JSON.stringify(longTranscript(50, 1000));
      const half = await imported(text.slice(0, text.length / 2));
      expect(half).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('must be valid JSON') },
      });
      const versioned = await imported(text.replace('"version":1', '"version":9'));
      expect(versioned).toMatchObject({
        status: 400,
        body: { details: { errors: [{ property: 'version' }] } },
      });
      const orphan = await imported(
        text.replace(`"parentId":"${idOf(1, 30)}"`, `"parentId":"${idOf(1, 99)}"`),
      );
      expect(orphan).toMatchObject({
        status: 400,
        body: { details: { errors: [{ property: 'messages.31.parentId' }] } },
      });
      expect((await imported(text, '?title=')).status).toBe(400);
      expect((await imported(text, '', { 'content-type': 'text/plain' })).status).toBe(415);
      const long = await imported(`${text}${' '.repeat(importBytesMax)}`).catch(() => null);
      expect(long?.status ?? 413).toBe(413);
      expect(await sessions()).toEqual([]);
      expect((await imported(text)).status).toBe(201);
    });

    it.runIf(effort === 'full')('[TRN12] may be 10,001 messages deep, and are told again', async () => {
      const text = JSON.stringify(longTranscript(10_001, 10));
      const { status, body } = await imported(text);
      expect(status).toBe(201);
      const { id } = chatSessionSchema.parse(body);
      expect(comparable(await told(id))).toEqual(comparable(text));
    });

    it.runIf(effort === 'full')('[TRN2] are read no faster than they are taken', async () => {
      const { body } = await imported(JSON.stringify(longTranscript(30, 400_000)));
      const { id } = chatSessionSchema.parse(body);
      const socket = connect(callboard.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      socket.write(`GET /chat-sessions/${id}/transcript HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      let before = -1;
      for (; readPages !== before; await pause(300)) before = readPages;
      expect(readPages).toBeGreaterThan(0);
      expect(readPages).toBeLessThan(30);
      let bytes = 0;
      let end = '';
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        end = (end + chunk.toString('latin1')).slice(-20);
        if (end.endsWith('\r\n0\r\n\r\n')) socket.destroy();
      });
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
      expect(readPages).toBe(30);
      expect(bytes).toBeGreaterThan(30 * 400_000);
    });

    it('[TRN4] end without their last chunk when the conversation is deleted meanwhile', async () => {
      const { body } = await imported(JSON.stringify(longTranscript(30, 400_000)));
      const { id } = chatSessionSchema.parse(body);
      const response = await fetch(`${url}/chat-sessions/${id}/transcript?format=text`);
      expect(response.status).toBe(200);
      const reader = response.body?.getReader();
      expect((await reader?.read())?.done).toBe(false);
      expect((await fetch(`${url}/chat-sessions/${id}`, { method: 'DELETE' })).status).toBe(204);
      const rest = async () => {
        while (!(await reader?.read())?.done);
      };
      await expect(rest()).rejects.toThrow();
      expect(readPages).toBeLessThan(30);
    });
  },
);
