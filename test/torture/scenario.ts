/**
 * The scenario that runs while the server is being killed: several sessions, queued messages, tool calls, a cancel, a
 * delete, a config change. Sessions run at the same time; the steps of one follow each other.
 */
import type { Acknowledged, TorturedClient } from './tortured-client.ts';

export type Scenario = {
  /** Runs to its end, however often the server dies meanwhile. */
  readonly run: (client: TorturedClient) => Promise<void>;
};

function idOf(answer: Acknowledged): string {
  const id: unknown =
    typeof answer.body === 'object' && answer.body !== null ? Reflect.get(answer.body, 'id') : null;
  if (typeof id !== 'string') throw new Error(`no id in ${JSON.stringify(answer)}`);
  return id;
}

async function session(client: TorturedClient, name: string): Promise<{ path: string; say: Say }> {
  const path = `/chat-sessions/${idOf(await client.command('POST', '/chat-sessions', `${name} create`, { title: name }))}`;
  let count = 0;
  const say: Say = (content) => {
    count++;
    return client.command('POST', `${path}/messages`, `${name} message ${count}`, { content });
  };
  return { path, say };
}

type Say = (content: string) => Promise<Acknowledged>;

async function chatting(client: TorturedClient): Promise<void> {
  const { path, say } = await session(client, 'chatting');
  await say('[[tokens=20 delay=1]] first');
  await say('[[tokens=10 delay=0 think=3]] second, while the first is answered');
  await say('[[tokens=5 delay=0 fail=500]] third, which fails');
  await client.command('PATCH', path, 'chatting rename', { title: 'Renamed' });
  await say('[[tokens=10 delay=1 fail=mid]] fourth, which fails half-way');
  await client.command('PATCH', `${path}/archive`, 'chatting archive');
}

async function tooling(client: TorturedClient): Promise<void> {
  const { say } = await session(client, 'tooling');
  await say('[[tool=probe args={"run":"a"} tokens=5 delay=0]]');
  await say('[[tool=probe args={"run":"b"} tool=probe args={"run":"c"} tokens=5 delay=1]]');
  await say('What time is it?');
}

/** A person's decisions while the server dies, before, between and after. */
async function approving(client: TorturedClient): Promise<void> {
  const { path, say } = await session(client, 'approving');
  for (const [index, decision] of (['approve', 'deny', 'approve'] as const).entries()) {
    const prompt = idOf(await say(`[[tool=guarded args={"run":${index}} tool=clock tokens=5 delay=0]]`));
    const id = await waitingCall(client, path, prompt);
    if (id === null) continue;
    await client.command('POST', `${path}/tool-calls/${id}/${decision}`, `approving ${index}`, {});
  }
}

/** The waiting call; `null` when its turn was interrupted before the call waited. */
async function waitingCall(client: TorturedClient, path: string, prompt: string): Promise<string | null> {
  for (;;) {
    const calls = await client.read(`${path}/tool-calls?status=awaitingApproval`);
    if (Array.isArray(calls) && calls.length > 0) return String(calls[0].id);
    const traces = await client.read('/traces');
    const isOver =
      Array.isArray(traces) &&
      traces.some(({ metadata, status }) => metadata?.messageId === prompt && status !== 'running');
    if (isOver) return null;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function cancelling(client: TorturedClient): Promise<void> {
  const { path, say } = await session(client, 'cancelling');
  await say('[[tokens=4000 delay=2]] cancelled while it runs');
  const waiting = await say('[[tokens=3 delay=0]] cancelled while it waits');
  await client.command('POST', `${path}/cancel`, 'cancelling one', { messageId: idOf(waiting) });
  await client.command('POST', `${path}/cancel`, 'cancelling all');
  await say('[[tokens=3 delay=0]] answered');
}

async function deleting(client: TorturedClient): Promise<void> {
  const { path, say } = await session(client, 'deleting');
  await say('[[tool=probe args={"run":"d"} tokens=2000 delay=2]] deleted while it runs');
  await client.command('DELETE', path, 'deleting delete');
}

async function configuring(client: TorturedClient): Promise<void> {
  await client.command('PATCH', '/config', 'config one', { theme: 'aurora' });
  await client.command('PATCH', '/config', 'config two', { features: { torture: true } });
}

export const scenario: Scenario = {
  run: async (client) => {
    await Promise.all(
      [chatting, tooling, approving, cancelling, deleting, configuring].map((part) => part(client)),
    );
  },
};
