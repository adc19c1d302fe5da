/**
 * The values besides sessions that the client library follows. "Whenever REST is read, the result is the same" is a
 * property: a sequence of events is applied from its beginning, and from a REST answer in the middle, with events
 * from before and after.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionIdSchema, toolCallIdSchema, traceIdSchema } from '../../../../schema/ids.ts';
import type { SessionRun } from '../../../../schema/session-run.ts';
import { isoTimestamp } from '../../../../schema/timestamp.ts';
import { administration } from '../../../../src/client/administration.ts';
import { followConfig, followOffer, followRuns, followSessions } from '../../../../src/client/followed.ts';
import type { EventFrame } from '../../../../src/client/server-frame.ts';
import { sessionsAfter } from '../../../../src/client/session/session-list.ts';
import { runsAfter } from '../../../../src/client/session/session-runs.ts';
import { fakeWorld, settled } from '../fake-server.ts';
import { messageId, otherSessionId, session, sessionId } from '../sample-frames.ts';
import { cut, fromAnywhere } from './read-in-the-middle.ts';

const start = Date.parse('2026-01-01T00:00:00.000Z');
const at = (step: number) => isoTimestamp(start + step);
const uuid = (kind: number, count: number) =>
  `${kind}0000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

describe('the list of sessions', () => {
  const change = fc.record({ of: fc.nat(3), what: fc.constantFrom('update', 'update', 'delete', 'busy') });
  const story = fc.array(change, { maxLength: 30 }).map((changes) => {
    const state = new Map<number, 'there' | 'gone'>();
    return changes.flatMap(({ of, what }, step): EventFrame[] => {
      const id = sessionIdSchema.parse(uuid(5, of));
      const data = session({ id, title: `at ${step}`, updatedAt: at(step) });
      if (state.get(of) === 'gone') return [];
      if (!state.has(of)) {
        state.set(of, 'there');
        return [{ event: 'session.created', data, seq: step }];
      }
      if (what === 'busy') {
        const timestamp = at(step);
        return [
          { event: 'agent.activity', data: { sessionId: id, state: 'thinking', timestamp }, seq: step },
        ];
      }
      if (what === 'update') return [{ event: 'session.updated', data, seq: step }];
      state.set(of, 'gone');
      return [{ event: 'session.deleted', data: { id }, seq: step }];
    });
  });

  it('[CLT10] is the same, whenever REST was read', () => {
    fc.assert(
      fc.property(
        story.chain((events) => fc.tuple(fc.constant(events), cut(events.length))),
        ([events, where]) => {
          const { told, merged } = fromAnywhere(events, [], sessionsAfter, where);
          expect(merged).toEqual(told);
        },
      ),
    );
  });

  it('[CLT10] has the leaf of each session', () => {
    const list = sessionsAfter([], { event: 'session.created', data: session(), seq: 1 });
    const selected = (leafId: ReturnType<typeof messageId> | null): EventFrame => ({
      event: 'branch.selected',
      data: { sessionId, leafId },
      seq: 2,
    });
    const changed = sessionsAfter(list, selected(messageId(1)));
    expect(changed).toEqual([{ ...list[0], leafId: messageId(1) }]);
    expect(sessionsAfter(changed, selected(null))).toEqual(list);
  });

  it('[CLT10] has the one that changed last in front, and is the same object when nothing changed', () => {
    const [first, second] = [session(), session({ id: otherSessionId, updatedAt: at(5) })];
    let list = sessionsAfter([], { event: 'session.created', data: first, seq: 1 });
    list = sessionsAfter(list, { event: 'session.created', data: second, seq: 2 });
    expect(list.map(({ id }) => id)).toEqual([otherSessionId, sessionId]);
    expect(sessionsAfter(list, { event: 'session.updated', data: first, seq: 1 })).toBe(list);
    list = sessionsAfter(list, { event: 'session.updated', data: session({ updatedAt: at(9) }), seq: 3 });
    expect(list.map(({ id }) => id)).toEqual([sessionId, otherSessionId]);
  });
});

describe('the runs of a session', () => {
  /** Runs one after the other, each with its tools; the last one may still be running. */
  const story = fc
    .array(fc.record({ tools: fc.nat(3), ends: fc.constantFrom('completed', 'failed') }), { maxLength: 5 })
    .map((runs) => {
      let step = 0;
      return runs.flatMap(({ tools, ends }, run): EventFrame[] => {
        const trace = (status: 'running' | 'completed' | 'failed', createdAt: string) => ({
          id: traceIdSchema.parse(uuid(6, run)),
          sessionId,
          name: 'engine.run',
          status,
          metadata: { messageId: messageId(run) },
          createdAt,
          updatedAt: at(++step),
        });
        const createdAt = at(step + 1);
        const begun: EventFrame = { event: 'trace.created', data: trace('running', createdAt), seq: step };
        const calls = Array.from({ length: tools }, (_, index) => (status: 'running' | 'completed') => ({
          sessionId,
          id: toolCallIdSchema.parse(uuid(7, run * 10 + index)),
          name: 'clock',
          status,
          arguments: '{}',
          result: status === 'running' ? null : 'noon',
          timestamp: at(++step),
          agentId: null,
        }));
        return [
          begun,
          ...calls.map((call): EventFrame => ({ event: 'tool.call', data: call('running'), seq: ++step })),
          ...calls.map(
            (call): EventFrame => ({ event: 'tool.result', data: call('completed'), seq: ++step }),
          ),
          { event: 'trace.updated', data: trace(ends, createdAt), seq: ++step },
        ];
      });
    });

  it('[CLT10] are the same, whenever REST was read, and each tool call belongs to its run', () => {
    fc.assert(
      fc.property(
        story.chain((events) => fc.tuple(fc.constant(events), cut(events.length))),
        ([events, where]) => {
          const nothing: readonly SessionRun[] = [];
          const { told, merged } = fromAnywhere(events, nothing, runsAfter, where);
          expect(merged).toEqual(told);
          for (const [index, run] of told.entries()) {
            expect(run.messageId).toBe(messageId(index));
            expect(run.toolCalls.every(({ id }) => Math.floor(Number(id.slice(-12)) / 10) === index)).toBe(
              true,
            );
            for (const call of run.toolCalls) expect(call.startedAt < call.timestamp).toBe(true);
          }
        },
      ),
    );
  });

  it('[CLT10] leave out traces that are no run of the agent', () => {
    const trace = {
      id: traceIdSchema.parse(uuid(6, 1)),
      sessionId,
      name: 'mine',
      status: 'running' as const,
    };
    const data = { ...trace, createdAt: at(1), updatedAt: at(1) };
    expect(runsAfter([], { event: 'trace.created', data, seq: 1 })).toEqual([]);
  });
});

describe('what is followed', () => {
  const config = { features: {}, theme: 'dark' as const };
  const listening = () =>
    fakeWorld((server) => {
      server.rest = async ({ path }) =>
        path === '/config'
          ? { status: 200, body: config }
          : path === '/chat-sessions'
            ? { status: 200, body: [session()] }
            : { status: 404, body: { message: 'Chat session not found' } };
    });

  it('[CLT10] is read when the subscription stands, and then follows events', async () => {
    const { server, client } = await listening();
    const { state, close } = followConfig(client);
    expect(state.value).toEqual({ value: undefined, error: undefined });
    await settled();
    expect(state.value.value).toEqual(config);
    server.socket.say('config.updated', { ...config, theme: 'light' }, { seq: 101 });
    expect(state.value.value?.theme).toBe('light');
    close();
    client.close();
  });

  it('[CLT10] applies what came while it was read', async () => {
    const { server, client } = await listening();
    let answer = (_: { status: number; body: unknown }) => {};
    server.rest = () => new Promise((resolve) => (answer = resolve));
    const { state } = followSessions(client);
    await settled();
    server.socket.say('session.created', session({ id: otherSessionId, updatedAt: at(9) }), { seq: 101 });
    answer({ status: 200, body: [session()] });
    await settled();
    expect(state.value.value?.map(({ id }) => id)).toEqual([otherSessionId, sessionId]);
    client.close();
  });

  it('[CLT10] is read again after resync, and what it showed stays meanwhile', async () => {
    const { server, client } = await listening();
    const { state } = followSessions(client);
    await settled();
    const before = state.value.value;
    server.rest = async () => ({ status: 200, body: [] });
    server.socket.say('resync', { reason: 'expired', seq: 200 });
    expect(state.value.value).toBe(before);
    await settled();
    expect(state.value.value).toEqual([]);
    client.close();
  });

  it('[CLT10] is read again when the branch changes, because runs are those of the current one', async () => {
    const { server, client } = await listening();
    const runs: unknown[] = [];
    server.rest = async () => ({ status: 200, body: [...runs] });
    const { state } = followRuns(client, sessionId);
    const { state: sessions } = followSessions(client);
    await settled();
    expect(state.value.value).toEqual([]);
    runs.push({ messageId: messageId(1) });
    server.socket.say('branch.selected', { sessionId, leafId: messageId(1) }, { seq: 101 });
    await settled();
    expect(state.value.value).toEqual(runs);
    expect(sessions.value.value).toEqual([]);
    client.close();
    expect(server.calls.filter(({ path }) => path.includes('/runs'))).toHaveLength(2);
  });

  it('[CLT10] knows what waits for an outside agent from before it listened, and hears when it waits no more', async () => {
    const { server, client } = await fakeWorld();
    const turn = { turnId: uuid(6, 1), sessionId, timestamp: at(0), agent: null };
    const offer = { ...turn, promptId: messageId(1), answerId: messageId(2), claimBy: at(1000) };
    server.subscribed = (socket, { id }) => {
      socket.say('turn.offered', offer, { snapshot: true });
      socket.say('ack', { seq: server.seq, resumed: false }, { id });
    };
    const { state } = followOffer(client, sessionId);
    expect(state.value.value).toBeUndefined();
    await settled();
    expect(server.socket.sent('subscribe')[0]?.data).toMatchObject({ namespaces: ['turns'], sessionId });
    expect(state.value.value).toEqual(offer);
    server.socket.say('turn.claimed', { ...turn, claimedBy: 'poet' }, { seq: 101 });
    expect(state.value.value).toBeNull();
    server.socket.say('turn.offered', offer, { seq: 102 });
    expect(state.value.value).toEqual(offer);
    server.socket.say('turn.withdrawn', turn, { seq: 103 });
    expect(state.value.value).toBeNull();
    // Nothing is known of what was missed.
    server.socket.say('turn.offered', offer, { seq: 104 });
    server.socket.say('resync', { reason: 'expired', seq: 200 });
    server.socket.say('turn.offered', { ...offer, agent: 'poet' }, { snapshot: true });
    await settled();
    expect(state.value.value?.agent).toBe('poet');
    expect(server.calls).toEqual([]);
    client.close();
  });

  it('[CLT10] is tried again while it cannot be read, and says so when it never can', async () => {
    const { server, client, timers } = await listening();
    const { rest } = server;
    server.rest = async () => ({ status: 503, body: { retryable: true } });
    const { state } = followConfig(client);
    const { state: runs } = followRuns(client, sessionId);
    await settled();
    expect(state.value).toEqual({ value: undefined, error: undefined });
    server.rest = rest;
    await timers.pass(100);
    expect(state.value.value).toEqual(config);
    expect(runs.value.error?.code).toBe('not_found');
    client.close();
  });

  it('[CLT10] is shared by its handles, and ends with the last', async () => {
    const { server, client } = await listening();
    const handles = [followConfig(client), followConfig(client)];
    await settled();
    expect(server.calls.filter(({ path }) => path === '/config')).toHaveLength(1);
    expect(handles[1]?.state.value).toEqual(handles[0]?.state.value);
    handles[0]?.close();
    handles[0]?.close();
    expect(server.socket.sent('unsubscribe')).toEqual([]);
    handles[1]?.close();
    expect(server.socket.sent('unsubscribe')).toHaveLength(1);
    client.close();
  });
});

describe('sessions and the connection', () => {
  it('[CLT11] are decided about and read whole: tool calls, and the models there are', async () => {
    const { server, client } = await fakeWorld();
    const path = `/chat-sessions/${sessionId}/tool-calls/c1`;
    const decision = { sessionId, callId: 'c1', decision: 'denied' };
    server.rest = async (call) => ({ status: 200, body: [call.path] });
    expect(await administration(client).readToolCall(sessionId, 'c1')).toEqual([path]);
    expect(await administration(client).readProviders()).toEqual(['/providers/catalog']);
    await administration(client).updateSession(sessionId, { options: { model: 'local/large' } });
    expect(server.calls.at(-1)?.body).toEqual({ options: { model: 'local/large' } });
    const session = client.session(sessionId);
    const denied = session.deny('c1', { reason: 'Not today.' });
    const [frame] = server.socket.sent('tool.deny');
    expect(frame?.data).toEqual({ sessionId, callId: 'c1', reason: 'Not today.' });
    server.socket.say('ack', decision, { id: frame?.id });
    expect(await denied).toEqual(decision);
    client.close();
  });

  it('[EDT9] [EDT10] its config file is read, previewed and saved', async () => {
    const { server, client } = await fakeWorld();
    server.rest = async (call) => ({ status: 200, body: [call.method, call.path, call.body] });
    const text = { content: 'turnStepsMax: 3\n', format: 'yaml' as const };
    const { readConfigSchema, readConfigFile, previewConfigFile, saveConfigFile } = administration(client);
    expect(await readConfigSchema()).toEqual(['GET', '/config/schema', null]);
    expect(await readConfigFile()).toEqual(['GET', '/config/editor', null]);
    expect(await previewConfigFile(text)).toEqual(['POST', '/config/editor/preview', text]);
    const saved = { ...text, version: 'one' };
    expect(await saveConfigFile(saved)).toEqual(['PUT', '/config/editor', saved]);
    client.close();
  });

  it('[CLT11] are changed by commands with a name of their own', async () => {
    const { server, client } = await fakeWorld();
    server.rest = async ({ method }) =>
      method === 'DELETE' ? new Response(null, { status: 204 }) : { status: 200, body: session() };
    expect(await administration(client).updateSession(sessionId, { title: 'New' })).toEqual(session());
    expect(await administration(client).archiveSession(sessionId)).toEqual(session());
    expect(await administration(client).deleteSession(sessionId)).toBeUndefined();
    expect(server.calls.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['PATCH', `/chat-sessions/${sessionId}`, { title: 'New' }],
      ['PATCH', `/chat-sessions/${sessionId}/archive`, undefined],
      ['DELETE', `/chat-sessions/${sessionId}`, undefined],
    ]);
    expect(new Set(server.calls.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(3);
    client.close();
  });

  it('[CLT11] tells how long it waits before it connects again, and can be told not to', async () => {
    const { server, client, timers } = await fakeWorld();
    expect(client.retry.value).toBeUndefined();
    server.socket.drop(1006);
    expect(client.retry.value).toEqual({ attempt: 1, delayMs: 50 });
    const sockets = server.sockets.length;
    client.retryNow();
    expect([client.retry.value, server.sockets.length]).toEqual([undefined, sockets + 1]);
    await settled();
    expect(client.state.value).toBe('live');
    // The wait that was ended does not open another connection.
    await timers.pass(1000);
    expect(server.sockets.length).toBe(sockets + 1);
    client.retryNow();
    expect(server.sockets.length).toBe(sockets + 1);
    client.close();
  });

  it('[CLT11] says at once that a key is wrong', async () => {
    const { server, client } = await fakeWorld();
    server.rest = async () => ({ status: 401, body: { message: 'Invalid or missing API key' } });
    await expect(client.readConfig()).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
    client.close();
  });
});
