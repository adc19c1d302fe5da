/**
 * Real models and real tools, end to end: a server with OpenAI's format and the reference server of MCP, both from a
 * config file as documented. Two calls run at the same time; one needs a person, who decides after a restart.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { inTurn } from '../effort.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { type ScriptedProvider, startProvider } from '../fakes/providers/scripted-provider.ts';
import { seedOfRun } from '../named-property.ts';
import { openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { everythingServer } from '../src/tools/mcp/mcp-servers.ts';

type Frame = { readonly event: string; readonly data: Record<string, unknown>; readonly id?: number };

/** The ids of the calls in a request, which are ours (SPEC [PRV1]). */
function toldIds(body: unknown): readonly string[] {
  return [...JSON.stringify(body).matchAll(/"id":"([0-9A-Za-z]{9})"/g)].map(([, id]) => id ?? '');
}

/** A `callboard.v1` socket on `/live`. */
async function live(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, 'callboard.v1');
  const frames: Frame[] = [];
  let waiting: (() => void)[] = [];
  socket.on('message', (bytes) => {
    frames.push(JSON.parse(String(bytes)));
    for (const look of waiting) look();
  });
  const until = <Found>(find: () => Found | undefined): Promise<Found> =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting = waiting.filter((one) => one !== look);
        resolve(found);
      };
      waiting.push(look);
      look();
    });
  await until(() => frames.find(({ event }) => event === 'hello'));
  return { socket, frames, until, send: (frame: object) => socket.send(JSON.stringify(frame)) };
}

describe.each(databases)('models and tools on $name', ({ prepare }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof prepare>>;
  let provider: ScriptedProvider;
  let server: ServerProcess;

  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await prepare();
    provider = await startProvider((_request, index) =>
      index === 0
        ? openAiAnswer({
            text: ['Let me ', 'see. '],
            calls: [
              { id: 'call_a', name: 'everything__echo', arguments: '{"message":"hello"}' },
              { id: 'call_b', name: 'everything__get-sum', arguments: '{"a":2,"b":3}' },
            ],
            usage: { prompt: 20, completion: 10 },
          })
        : openAiAnswer({ text: ['The sum ', 'is 5.'], usage: { prompt: 50, completion: 4 } }),
    );
    const config = {
      defaultModel: 'local/small',
      rehearsal: 'on',
      providers: { local: { type: 'openai-compatible', baseUrl: `${provider.url}/v1`, models: ['small'] } },
      modelOptions: { systemPrompt: 'You are brief.' },
      mcpServers: { everything: everythingServer },
      tools: { 'everything__get-sum': { approval: 'always' } },
    };
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    server = await start();
  });

  afterEach(async () => {
    expect(await server.end()).toBe(0);
    await provider.stop();
    await database.remove();
    await folder.remove();
  });

  const start = () => startServer({ dataFolder: folder.path, env: { ...database.env } });

  it.each(inTurn(['SIGTERM', 'SIGKILL'] as const, { oneIn: 2, seed: seedOfRun() }))(
    '[APR5] [APR1] [WS3] goes on after %s, when a person has approved, and streams the answer',
    async (signal) => {
      const created = await request(server.url, 'POST', '/chat-sessions', { title: 'Sums' });
      const sessionId = textAt(created.body, 'id');
      const path = `/chat-sessions/${sessionId}`;
      const first = await live(server.url);
      first.send({ event: 'subscribe', id: 1, data: { namespaces: ['tools', 'chat-sessions'] } });
      await request(server.url, 'POST', `${path}/messages`, { content: 'What is 2 and 3?' });
      const waiting = await first.until(() =>
        first.frames.find(({ data }) => data['status'] === 'awaitingApproval'),
      );
      await first.until(() => first.frames.find(({ event }) => event === 'tool.result'));
      expect(waiting.data).toMatchObject({ name: 'everything__get-sum', arguments: '{"a":2,"b":3}' });
      first.socket.terminate();

      expect(await server.end(signal)).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL');
      server = await start();
      const baseline = await openBaselineClient(server.url);
      // Nothing has happened since the restart: this is what it was told when it connected.
      await baseline.until((frames) => frames.some(({ event }) => event === 'agent.activity'));
      expect(baseline.frames).toMatchObject([
        { namespace: 'chat-sessions', event: 'agent.activity', data: { sessionId, state: 'tool' } },
      ]);
      const second = await live(server.url);
      second.send({
        event: 'subscribe',
        id: 1,
        data: { namespaces: ['tools', 'chat-messages', 'chat-sessions', 'traces'], sessionId },
      });
      const snapshot = await second.until(() =>
        second.frames.find(({ event }) => event === 'message.partial'),
      );
      expect(snapshot).toMatchObject({ snapshot: true, data: { content: 'Let me see. ' } });
      expect(second.frames).toContainEqual(
        expect.objectContaining({
          event: 'agent.activity',
          data: expect.objectContaining({ state: 'tool' }),
        }),
      );
      const listed = await request(server.url, 'GET', `${path}/tool-calls?status=awaitingApproval`);
      const callId = textAt(Array.isArray(listed.body) ? listed.body[0] : undefined, 'id');
      expect(callId).toBe(waiting.data['id']);
      const tree = await request(server.url, 'GET', `/orchestrator/execution-state?sessionId=${sessionId}`);
      expect(tree.body).toMatchObject({
        agentHierarchy: [{ provider: 'local', model: 'small', metadata: { state: 'runningTools', step: 1 } }],
        toolInvocations: [{ status: 'completed' }, { id: callId, status: 'pending' }],
      });

      second.send({ event: 'tool.approve', id: 7, data: { sessionId, callId, reason: 'go ahead' } });
      const ack = await second.until(() =>
        second.frames.find(({ event, id }) => event === 'ack' && id === 7),
      );
      const decision = { sessionId, callId, decision: 'approved', reason: 'go ahead' };
      expect(ack.data).toEqual(decision);
      await second.until(() =>
        second.frames.find(({ event, data }) => event === 'trace.updated' && data['status'] !== 'running'),
      );
      const deltas = second.frames.filter(({ event }) => event === 'message.delta').map(({ data }) => data);
      expect(deltas[0]).toMatchObject({ offset: 12 });
      expect(deltas.map(({ text }) => text).join('')).toBe('The sum is 5.');
      const messages = await request(server.url, 'GET', `${path}/messages`);
      expect(messages.body).toMatchObject([{ role: 'user' }, { content: 'Let me see. The sum is 5.' }]);
      const traces = await request(server.url, 'GET', '/traces');
      expect(traces.body).toMatchObject([
        {
          status: 'completed',
          metadata: { model: 'scripted', usage: { inputTokens: 70, outputTokens: 14 } },
        },
      ]);
      const whole = await request(server.url, 'GET', `${path}/tool-calls/${callId}`);
      expect(whole.body).toMatchObject({
        status: 'completed',
        result: expect.stringContaining('5'),
        approval: { decision: 'approved' },
      });
      // Repeating it over REST is harmless; the opposite decision is refused.
      expect(await request(server.url, 'POST', `${path}/tool-calls/${callId}/approve`, {})).toEqual({
        status: 200,
        body: decision,
      });
      expect(await request(server.url, 'POST', `${path}/tool-calls/${callId}/deny`, {})).toMatchObject({
        status: 409,
      });

      // The model's second request has the calls and their results, in call order.
      expect(provider.requests).toHaveLength(2);
      const [callA, callB] = toldIds(provider.requests[1]?.body);
      expect(new Set([callA, callB]).size).toBe(2);
      expect(provider.requests[1]?.body).toMatchObject({
        messages: [
          { role: 'system', content: 'You are brief.' },
          { role: 'user', content: 'What is 2 and 3?' },
          { role: 'assistant', content: 'Let me see. ', tool_calls: [{ id: callA }, { id: callB }] },
          { role: 'tool', tool_call_id: callA, content: expect.stringContaining('hello') },
          { role: 'tool', tool_call_id: callB, content: expect.stringContaining('5') },
        ],
      });
      // A baseline client gets the result of the call, no second call, and nothing about approvals.
      const seen = baseline.frames.filter(({ namespace }) => namespace === 'tools');
      expect(seen.map(({ event }) => event)).toEqual(['tool.result']);
      for (const { data } of seen) expect(Object.keys(data)).not.toContain('approval');
      baseline.close();
      second.socket.terminate();
    },
    60_000,
  );

  it('[CTL1] lists its providers', async () => {
    const { body } = await request(server.url, 'GET', '/providers/catalog');
    expect(body).toMatchObject([
      { name: 'rehearsal', available: true },
      { name: 'local', models: ['small'], available: true },
    ]);
  });
});
