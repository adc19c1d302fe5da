/**
 * What happens while the server is being killed: several sessions, queued messages, tool calls, a cancel, a
 * delete, a config change. Sessions go on side by side; the steps of one follow each other.
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
    await Promise.all([chatting, tooling, cancelling, deleting, configuring].map((part) => part(client)));
  },
};
