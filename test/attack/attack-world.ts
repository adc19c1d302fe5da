/**
 * A real server with an owner, who has a session with a question, its answer, a tool call and a file, another one whose
 * turn waits for a person, and with those who attack: a stranger that knows all ids, as if the owner had sent a link, and
 * others whose keys allow much, but not this.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Scope } from '../../schema/principal.ts';
import type { TestDatabase } from '../processes/databases.ts';
import { startServer, temporaryFolder } from '../processes/server-process.ts';
import { Listener } from './listener.ts';

/** The owner alone says it: whoever else gets it, got something of the owner's. */
export const secret = 'the owner alone knows zanzibar';
export const secretWord = 'zanzibar';

type AttackKey = { readonly key: string; readonly scopes: readonly Scope[]; readonly tenant?: string };

/** Who there is. */
export const keys = {
  owner: { key: 'key-of-the-owner', scopes: ['chat', 'tools'] },
  stranger: { key: 'key-of-a-stranger', scopes: ['chat', 'tools'] },
  /** It may talk, and nothing else. */
  guest: { key: 'key-of-a-guest', scopes: ['chat'] },
  reader: { key: 'key-of-a-reader', scopes: ['read'] },
  /** It may not even read. */
  clerk: { key: 'key-of-a-clerk', scopes: ['metrics'] },
  /** It makes keys and gives sessions away, but sees its own sessions alone. */
  registrar: { key: 'key-of-a-registrar', scopes: ['chat', 'keys', 'admin', 'act-as'] },
  /** It makes keys that read the audit, for others. */
  keeper: { key: 'key-of-a-keeper', scopes: ['chat', 'keys', 'audit'] },
  operator: {
    key: 'key-of-an-operator',
    scopes: ['chat', 'sessions:all', 'audit', 'inspect', 'admin', 'act-as', 'logs', 'tools', 'config'],
  },
  /** It may do everything, behind the wall of another tenant. */
  neighbour: {
    key: 'key-of-another-tenant',
    scopes: ['chat', 'sessions:all', 'audit', 'inspect', 'admin', 'act-as', 'keys', 'tools'],
    tenant: 'elsewhere',
  },
} as const satisfies Readonly<Record<string, AttackKey>>;

export type Who = keyof typeof keys;

/** Whose request it is: of a key, of a token or stored key, or of somebody in whose name a key acts. */
export type Credential = Who | { readonly token: string } | { readonly as: Who; readonly actAs: string };

type ToolCall = { readonly id: string; readonly status: string };

export type Got = { readonly status: number; readonly text: string };

export type AttackWorld = Awaited<ReturnType<typeof peopledWorld>>;

export const idOf = (who: Who): string => principalIdOf(keys[who].key);

/** The id of the principal of a key that the config has. */
export function principalIdOf(key: string): string {
  const known = createHash('sha256').update(key).digest();
  return `key:${createHash('sha256').update('owner').update(known).digest('base64url').slice(0, 22)}`;
}

function credentialHeaders(by: Credential): Record<string, string> {
  if (typeof by === 'string') return { 'x-api-key': keys[by].key };
  if ('token' in by) return { 'x-api-key': by.token };
  return { 'x-api-key': keys[by.as].key, 'x-callboard-act-as': by.actAs };
}

/** `env`: for the server, besides what names its database. */
export async function openAttackWorld(
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<AttackWorld> {
  const folder = await temporaryFolder();
  const opened = await database.prepare();
  const config = {
    apiKeys: Object.values(keys),
    tools: { clock: { approval: 'always', scope: 'tools' } },
    rehearsalDelayMs: 0,
  };
  await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
  const server = await startServer({ dataFolder: folder.path, env: { ...opened.env, ...env } });
  const close = async () => {
    await server.end();
    await opened.remove();
    await folder.remove();
  };
  try {
    return await peopledWorld(server.url, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function peopledWorld(url: string, close: () => Promise<void>) {
  async function ask(by: Credential, method: string, path: string, body?: object): Promise<Got> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...credentialHeaders(by),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const got = { status: response.status, text: await response.text() };
    // No attack may break the server, and what is broken gives nothing away.
    if (got.status >= 500) throw new Error(`${method} ${path} is answered with ${got.status}: ${got.text}`);
    return got;
  }
  const read = async (by: Credential, path: string) => JSON.parse((await ask(by, 'GET', path)).text);
  const post = async (by: Credential, path: string, body: object) =>
    JSON.parse((await ask(by, 'POST', path, body)).text);

  /** The id of the file. */
  async function uploaded(by: Who, body: string): Promise<string> {
    const headers = { ...credentialHeaders(by), 'content-type': 'application/octet-stream' };
    const response = await fetch(`${url}/files`, { method: 'POST', headers, body });
    return JSON.parse(await response.text()).id;
  }

  /** A token of whoever asks for it, or of somebody else. */
  async function token(by: Who, body: object): Promise<Credential> {
    return { token: (await post(by, '/tokens', body)).token };
  }

  /** The tool calls of a session, once none is about to begin. */
  async function callsOf(by: Who, session: string): Promise<readonly ToolCall[]> {
    return await vi.waitFor(async () => {
      const calls: readonly ToolCall[] = await read(by, `/chat-sessions/${session}/tool-calls`);
      if (calls.length === 0 || calls.some(({ status }) => status === 'running'))
        throw new Error('no call has got far enough');
      return calls;
    }, 60_000);
  }

  /** A session whose question makes the model call a tool, which waits for a person. */
  async function waitingSession(by: Who, title: string, fileId?: string) {
    const session: string = (await post(by, '/chat-sessions', { title })).id;
    const parts = [
      { type: 'text', text: `${title} [[tool=clock tokens=3 delay=0]]` },
      ...(fileId === undefined ? [] : [{ type: 'file', fileId }]),
    ];
    const message: string = (await post(by, `/chat-sessions/${session}/messages`, { role: 'user', parts }))
      .id;
    const [call] = await callsOf(by, session);
    return { session, message, call: String(call?.id) };
  }

  /** Waits until nothing runs in the session. */
  async function settled(by: Who, session: string): Promise<void> {
    await vi.waitFor(async () => {
      const open: readonly { readonly sessionId: string }[] = [
        ...(await read(by, '/turns?status=running')),
        ...(await read(by, '/turns?status=queued')),
      ];
      if (open.some(({ sessionId }) => sessionId === session)) throw new Error('a turn still runs');
    }, 60_000);
  }

  /** A session with an answered question. */
  async function answeredSession(by: Who, title: string, fileId?: string) {
    const { session, message, call } = await waitingSession(by, title, fileId);
    await post(by, `/chat-sessions/${session}/tool-calls/${call}/approve`, {});
    await settled(by, session);
    const messages: readonly { readonly id: string; readonly role: string }[] = await read(
      by,
      `/chat-sessions/${session}/messages`,
    );
    const [run] = await read(by, `/chat-sessions/${session}/runs`);
    const turns: readonly { readonly turnId: string; readonly sessionId: string }[] = await read(
      by,
      '/turns?status=completed',
    );
    return {
      ...{ session, message, call, trace: String(run.trace.id) },
      answer: messages.find(({ role }) => role === 'assistant')?.id ?? '',
      turn: turns.find(({ sessionId }) => sessionId === session)?.turnId ?? '',
    };
  }

  // Older than what the owner has, so that it is behind it in every list.
  const own = await answeredSession('stranger', 'of the stranger');
  const file = await uploaded('owner', secret);
  const ids = { ...(await answeredSession('owner', secret, file)), file };
  const waiting = await waitingSession('owner', secret);
  const [running] = await read('owner', '/turns?status=running');
  const open = { ...waiting, turn: String(running.turnId) };
  /** Of the owner, without anything secret: tokens are narrowed to it. */
  const dull: string = (await post('owner', '/chat-sessions', { title: 'dull' })).id;

  const serverTrace: string = (await post('operator', '/traces', { name: 'of no session' })).id;

  /** The owner's ids and words that are in the text. */
  const tells = (text: string) =>
    [secretWord, serverTrace, ...Object.values(ids), ...Object.values(open)].filter((one) =>
      text.includes(one),
    );

  /** All that the owner sees of the session. */
  async function state(): Promise<string> {
    const base = `/chat-sessions/${ids.session}`;
    const paths = ['', '/messages?branch=all', '/participants', '/runs', '/tool-calls', '/transcript'];
    const parts = await Promise.all(paths.map((path) => ask('owner', 'GET', base + path)));
    return JSON.stringify(
      parts.map(({ status, text }) => [status, text.replace(/"exportedAt":"[^"]*"/, '')]),
    );
  }

  /** The owner says something, and has its answer. */
  async function talk(): Promise<void> {
    const content = `${secret} again [[tokens=5 delay=0]]`;
    await post('owner', `/chat-sessions/${ids.session}/messages`, { role: 'user', content });
    await settled('owner', ids.session);
  }

  let announced = 0;
  /** Says something that all hear who may read; whoever heard it has heard everything before. Returns its name. */
  async function announce(): Promise<string> {
    const name = `announcement-${++announced}`;
    await ask('operator', 'PUT', `/config/flags/${name}`, { value: true });
    return name;
  }

  const listen = (by: Credential, path: string, isV1 = true) =>
    Listener.open(url.replace('http', 'ws') + path, credentialHeaders(by), isV1);

  return {
    url,
    ...{ ids, open, own, dull, serverTrace, close, ask, read, post, uploaded, token, callsOf },
    ...{ answeredSession, settled, tells, state, talk, announce, listen, headersOf: credentialHeaders },
  };
}
