/**
 * The scenario that runs while the server is being killed: several sessions, queued messages, tool calls, a cancel, a
 * delete, config changes, a trace of a client, tools that are registered and changed, all that changes a tree, closing,
 * who takes part, and agents outside. Sessions run at the same time; the steps of one follow each other.
 */
import { randomUUID } from 'node:crypto';
import { exampleDefinition } from '../fakes/example-tool.ts';
import { claiming, pushing } from './agent-scenario.ts';
import { closing, participating } from './session-scenario.ts';
import type { TorturedClient } from './tortured-client.ts';
import { idOf, TorturedSession } from './tortured-session.ts';
import { branching, filing, forking, queueing, steering } from './tree-scenario.ts';

export type Scenario = {
  /** Runs to its end, however often the server dies meanwhile. */
  readonly run: (client: TorturedClient) => Promise<void>;
};

async function chatting(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'chatting');
  await session.say('[[tokens=20 delay=1]] first');
  await session.say('[[tokens=10 delay=0 think=3]] second, while the first is answered');
  await session.say('[[tokens=5 delay=0 fail=500]] third, which fails');
  await session.command('PATCH', '', 'rename', { title: 'Renamed' });
  await session.say('[[tokens=10 delay=1 fail=mid]] fourth, which fails half-way');
  await session.command('PATCH', '/archive', 'archive');
}

async function tooling(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'tooling');
  await session.say('[[tool=probe args={"run":"a"} tokens=5 delay=0]]');
  await session.say('[[tool=probe args={"run":"b"} tool=probe args={"run":"c"} tokens=5 delay=1]]');
  await session.say('What time is it?');
}

/** A person's decisions while the server dies, before, between and after. */
async function approving(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'approving');
  for (const [index, decision] of (['approve', 'deny', 'approve'] as const).entries()) {
    const prompt = idOf(
      await session.say(`[[tool=guarded args={"run":${index}} tool=clock tokens=5 delay=0]]`),
    );
    const id = await waitingCall(client, session.path, prompt);
    if (id === null) continue;
    await session.command('POST', `/tool-calls/${id}/${decision}`, `${index}`, {});
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
  const session = await TorturedSession.create(client, 'cancelling');
  await session.say('[[tokens=4000 delay=2]] cancelled while it runs');
  const waiting = await session.say('[[tokens=3 delay=0]] cancelled while it waits');
  await session.command('POST', '/cancel', 'one', { messageId: idOf(waiting) });
  await session.command('POST', '/cancel', 'all');
  await session.say('[[tokens=3 delay=0]] answered');
}

async function deleting(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'deleting');
  await session.say('[[tool=probe args={"run":"d"} tokens=2000 delay=2]] deleted while it runs');
  await session.command('DELETE', '', 'delete');
}

async function configuring(client: TorturedClient): Promise<void> {
  await client.command('PATCH', '/config', 'config one', { theme: 'aurora' });
  await client.command('PATCH', '/config', 'config two', { features: { torture: true } });
  await client.command('PUT', '/config/flags/logs', 'flag', { value: false });
  await client.command('POST', '/config/reset', 'reset', {});
  await client.command('PUT', '/config/flags/tortured', 'flag after', { value: true });
}

/** A client's own trace: each command is repeated until it is answered, however often the server dies. */
async function tracing(client: TorturedClient): Promise<void> {
  const id = randomUUID();
  await client.command('POST', '/traces', 'trace', { id, name: 'tortured' });
  const at = new Date().toISOString();
  for (let round = 0; round < 5; round++) {
    const spans = [1, 2, 3].map((place) => {
      return { id: randomUUID(), name: `span ${round}.${place}`, startedAt: at, endedAt: at };
    });
    await client.command('POST', `/traces/${id}/spans`, `spans ${round}`, { spans });
  }
  await client.command('POST', `/traces/${id}/finalise`, 'finalise', {});
}

/** Tools that come and change; no private address is connected to, so each call of one fails. */
async function registering(client: TorturedClient): Promise<void> {
  const tool = { ...exampleDefinition, inputSchema: { type: 'object' }, url: 'http://localhost:9/' };
  await client.command('POST', '/tools', 'register', tool);
  await client.command('POST', '/tools', 'register another', { ...tool, name: 'storm' });
  const session = await TorturedSession.create(client, 'registering');
  await session.say('[[tool=weather args={"city":"Oslo"} tokens=5 delay=1]]');
  await client.command('PATCH', '/tools/weather', 'change', { description: 'Another' });
  await client.command('POST', '/tools/weather/rotate-secret', 'rotate');
  await client.command('POST', '/tools/storm/deactivate', 'deactivate');
  await client.command('POST', '/tools/storm/activate', 'activate');
  await client.command('POST', '/tools/weather/deactivate', 'deactivate the first');
}

export const scenario: Scenario = {
  run: async (client) => {
    await Promise.all(
      [
        ...[chatting, tooling, approving, cancelling, deleting, configuring, tracing],
        registering,
        ...[branching, queueing, steering, forking, filing],
        ...[closing, participating],
        ...[pushing, claiming],
      ].map((part) => part(client)),
    );
  },
};
