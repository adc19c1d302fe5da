/** Tool calls, and the web page's own routes, over REST and sockets; the services behind the gateway are fakes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredToolCall } from '../../../../actors/stored-rows.ts';
import type { DomainEventOf } from '../../../../schema/event-catalogue.ts';
import { toolCallIdSchema, turnIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { toolFact } from '../../../../schema/tool-event.ts';
import { at, session, sessionId, unknownId } from '../fake-services.ts';
import { Client, runGateway } from '../running-gateway.ts';
import { type CallboardV1Gateway, cursor, runCallboardV1Gateway } from '../sockets/callboard-v1-gateway.ts';

const callId = toolCallIdSchema.parse('9b2f8a56-0c5e-4d5b-8f6e-2d1c7a4b3e90');
const turnId = turnIdSchema.parse('5d41402a-bc4b-4a76-9719-d911017c5922');
const path = `/chat-sessions/${sessionId}/tool-calls`;
const long = 'x'.repeat(limits.previewUnitsMax + 1);

const stored: StoredToolCall = {
  id: callId,
  sessionId,
  turnId,
  answerId: null,
  step: 1,
  modelCallId: 'a',
  name: 'clock',
  status: 'completed',
  agentId: null,
  needsApproval: true,
  approvalDeadline: null,
  approval: { decision: 'approved' },
  argumentsJson: '{}',
  result: long,
  startedAt: Date.parse(at),
  endedAt: Date.parse(at) + 5,
};

let v1: CallboardV1Gateway;
beforeAll(async () => {
  v1 = await runCallboardV1Gateway();
  Object.assign(v1.services.readModel, {
    toolCall: async (id: string) => (id === callId ? stored : undefined),
    sessionToolCalls: async () => [stored, { ...stored, status: 'awaitingApproval', result: null }],
    toolCallsWith: async (status: string) => [{ ...stored, status, result: null }],
  });
});
afterAll(() => v1.gateway.close());
beforeEach(() => {
  v1.services.calls.length = 0;
});

async function read(where: string) {
  const response = await v1.request(where);
  return { status: response.status, body: await response.json() };
}

describe('tool calls over REST', () => {
  it('[TOOL9] are read whole, of their own session alone', async () => {
    const { status, body } = await read(`${path}/${callId}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: callId,
      sessionId,
      turnId,
      name: 'clock',
      status: 'completed',
      arguments: '{}',
      result: long,
      agentId: null,
      needsApproval: true,
      approval: { decision: 'approved' },
      startedAt: at,
      endedAt: new Date(Date.parse(at) + 5).toISOString(),
    });
    expect(await read(`/chat-sessions/${unknownId}/tool-calls/${callId}`)).toMatchObject({
      status: 404,
      body: { message: `Chat session ${unknownId} not found` },
    });
    expect(await read(`${path}/${unknownId}`)).toMatchObject({
      status: 404,
      body: { message: `Tool call ${unknownId} not found` },
    });
    for (const wrong of [`${path}/x`, `/chat-sessions/x/tool-calls/${callId}`])
      expect(await read(wrong)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('uuid') },
      });
  });

  it('[TOOL9] are listed without what may be long, by their status if asked for', async () => {
    const all = await read(path);
    expect(all.body).toMatchObject([{ status: 'completed' }, { status: 'awaitingApproval' }]);
    for (const one of Array.isArray(all.body) ? all.body : [])
      expect(Object.keys(one)).not.toContain('result');
    expect((await read(`${path}?status=awaitingApproval`)).body).toHaveLength(1);
    expect((await read(`${path}?status=odd`)).status).toBe(400);
    expect((await read(`/chat-sessions/${unknownId}/tool-calls`)).status).toBe(404);
  });

  it('[APR9] of all sessions are listed by their status', async () => {
    expect((await read('/tool-calls?status=awaitingApproval')).body).toMatchObject([
      { status: 'awaitingApproval', sessionId },
    ]);
    for (const wrong of ['', '?status=odd', '?status=awaitingApproval&limit=0'])
      expect((await read(`/tool-calls${wrong}`)).status).toBe(400);
  });

  it('[APR3] are decided about by POST, with or without a reason', async () => {
    for (const [word, decision] of [
      ['approve', 'approved'],
      ['deny', 'denied'],
    ] as const) {
      const response = await v1.send('POST', `${path}/${callId}/${word}`, { reason: 'because' });
      expect([response.status, await response.json()]).toEqual([200, { sessionId, callId, decision }]);
      expect((await v1.request(`${path}/${callId}/${word}`, { method: 'POST' })).status).toBe(200);
      const long = { reason: 'x'.repeat(limits.decisionReasonCharactersMax + 1) };
      expect((await v1.send('POST', `${path}/${callId}/${word}`, long)).status).toBe(400);
    }
    expect(v1.services.calls).toEqual([
      ['approveToolCall', sessionId, callId, 'because'],
      ['approveToolCall', sessionId, callId, undefined],
      ['denyToolCall', sessionId, callId, 'because'],
      ['denyToolCall', sessionId, callId, undefined],
    ]);
  });
});

describe('tool calls on sockets', () => {
  const event = (
    more: Partial<Parameters<typeof toolFact>[0]>,
    whole: { readonly argumentsJson?: string; readonly result?: string } = {},
  ): DomainEventOf<'tool.call'> => ({
    type: 'tool.call',
    sessionId,
    at: 0,
    data: toolFact({
      sessionId,
      id: callId,
      name: 'clock',
      status: 'running',
      at: Date.parse(at),
      agentId: null,
      ...more,
    }),
    record: { turnId, modelCallId: 'a', argumentsJson: '{}', ...whole },
  });

  it('[APR3] [V1B4] take tool.approve and tool.deny', async () => {
    const client = await v1.live();
    client.send('tool.approve', { sessionId, callId, reason: 'fine' }, 1);
    client.send('tool.deny', { sessionId: unknownId, callId }, 2);
    client.send('tool.deny', { sessionId }, 3);
    expect(await client.next()).toEqual({
      event: 'ack',
      id: 1,
      data: { sessionId, callId, decision: 'approved' },
    });
    // A frame that is itself invalid is answered before one that needs a service.
    const others = [await client.next(), await client.next()];
    expect(others).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ id: 2, code: 'not_found' }) }),
    );
    expect(others).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ id: 3, code: 'validation_failed' }) }),
    );
    client.socket.close();
  });

  it('[APR8] [TOOL10] are told in full to callboard.v1, and to the baseline as it knows them, live and caught up', async () => {
    const before = v1.committed.length;
    const baseline = await Client.open(v1.port, '/tools');
    const client = await v1.connect('/tools');
    await client.next();
    v1.tell(event({ status: 'awaitingApproval' }, { argumentsJson: long }));
    v1.tell(event({ approval: { decision: 'approved', reason: 'ok' } }));
    v1.tell(event({ approval: { decision: 'approved' }, progress: { done: 1, total: 2 } }));
    const result = event({ status: 'completed', approval: { decision: 'approved' } }, { result: 'done' });
    v1.tell({ ...result, type: 'tool.result' });
    const full = [await client.next(), await client.next(), await client.next(), await client.next()];
    expect(full).toMatchObject([
      { data: { status: 'awaitingApproval', cut: ['arguments'] } },
      { data: { status: 'running', approval: { reason: 'ok' } } },
      { data: { progress: { done: 1, total: 2 } } },
      { event: 'tool.result', data: { status: 'completed', approval: { decision: 'approved' } } },
    ]);
    const keys = ['sessionId', 'id', 'name', 'status', 'arguments', 'result', 'timestamp', 'agentId'];
    const seen = [await baseline.next(), await baseline.next()] as { event: string; data: object }[];
    expect(seen).toMatchObject([
      { event: 'tool.call', data: { status: 'running' } },
      { event: 'tool.result', data: { status: 'completed' } },
    ]);
    for (const { data } of seen) expect(Object.keys(data)).toEqual(keys);
    const resumed = await v1.connect(`/tools?since=${encodeURIComponent(cursor(before))}`);
    await resumed.next();
    expect([await resumed.next(), await resumed.next()]).toMatchObject(full.slice(0, 2));
    for (const one of [baseline, client, resumed]) one.socket.close();
  });
});

describe('what the web page asks for', () => {
  it('[CTL1] [FIL31] is which models there are, and which files they take', async () => {
    const differing = { modelAccepts: { rehearsal: ['audio'] } };
    expect((await read('/providers/catalog')).body).toEqual([
      {
        ...{ name: 'rehearsal', label: 'rehearsal', models: ['rehearsal'], available: true },
        ...{ accepts: ['image'], ...differing },
      },
    ]);
  });

  it('[ORC1] is the execution tree of a session; without one, empty collections and the time', async () => {
    const empty = { agentHierarchy: [], toolInvocations: [], contextBundles: [] };
    const none = await read('/orchestrator/metadata');
    expect(none).toEqual({ status: 200, body: { capturedAt: expect.any(String), ...empty } });
    expect((await read(`/orchestrator/metadata?sessionId=${sessionId}`)).body).toEqual({
      sessionId,
      capturedAt: at,
      agentHierarchy: [
        {
          ...{ id: sessionId, name: session.title, provider: 'local', model: 'small/one', depth: 0 },
          metadata: { messageCount: 2, state: 'idle' },
          children: [],
        },
      ],
      toolInvocations: [],
      contextBundles: [
        {
          ...{ id: `${sessionId}-history`, label: 'Session history', summary: '2 messages' },
          ...{ sizeBytes: 12, fileCount: 0, files: [] },
        },
      ],
    });
    for (const route of ['metadata', 'execution-state']) {
      expect((await read(`/orchestrator/${route}?sessionId=${unknownId}`)).status).toBe(404);
      expect((await read(`/orchestrator/${route}?sessionId=x`)).status).toBe(400);
    }
    expect((await read('/orchestrator/execution-state')).status).toBe(400);
  });

  it('[ORC2] is no execution state of a session that never ran', async () => {
    const path = `/orchestrator/execution-state?sessionId=${sessionId}`;
    expect(await read(path)).toMatchObject({
      status: 404,
      body: { statusCode: 404, message: `Chat session ${sessionId} never ran` },
    });
  });

  it('[PRF1] is a layout with the keys that the page reads, and with the time of its last change', async () => {
    const defaults = { chat: { collapsedPanels: {}, sessionSettings: {}, templates: {} } };
    expect(await read('/user/preferences/layout')).toMatchObject({
      status: 200,
      body: { ...defaults, updatedAt: at },
    });
  });

  it('[PRF1] is a layout of its own for each API key', async () => {
    const keyed = await runGateway({ apiKeys: ['one', 'two'] });
    const owners: unknown[] = [];
    for (const key of ['one', 'two', 'one']) {
      const headers = { 'x-api-key': key, 'content-type': 'application/json' };
      const put = await keyed.request('/user/preferences/layout', {
        method: 'PUT',
        headers,
        body: JSON.stringify({ panels: { logs: false } }),
      });
      expect([put.status, await put.json()]).toMatchObject([200, { panels: { logs: false }, updatedAt: at }]);
      const [name, owner] = keyed.services.calls.at(-1) ?? [];
      expect(name).toBe('updateLayout');
      owners.push(owner);
      const get = await keyed.request('/user/preferences/layout', { headers });
      expect(await get.json()).toMatchObject({ chat: { templates: {} } });
      expect(keyed.services.calls.at(-1)).toEqual(['layout', owner]);
    }
    expect(owners[0]).toBe(owners[2]);
    expect(owners[0]).not.toBe(owners[1]);
    for (const owner of owners) expect(owner).not.toMatch(/one|two/);
    expect((await keyed.request('/user/preferences/layout')).status).toBe(401);
    await keyed.gateway.close();
  });
});

describe('previews of another length', () => {
  it('[TXT4] [TOOL6] [TOOL11] hold in frames of both formats, in runs, and for what was stored before', async () => {
    const argumentsJson = JSON.stringify({ text: 'y'.repeat(300) });
    const past: DomainEventOf<'tool.call'> = {
      type: 'tool.call',
      sessionId,
      at: 0,
      data: toolFact({
        sessionId,
        id: callId,
        name: 'clock',
        status: 'running',
        at: Date.parse(at),
        agentId: null,
      }),
      record: { turnId, modelCallId: 'a', argumentsJson },
    };
    for (const previewUnitsMax of [limits.previewUnitsLeast, limits.previewUnitsLegalMax]) {
      const other = await runCallboardV1Gateway({ past: [past], bounds: { previewUnitsMax } });
      const run = { messageId: callId, trace: { id: callId }, toolCalls: [{ ...stored, argumentsJson }] };
      Object.assign(other.services, { previewUnitsMax });
      Object.assign(other.services.readModel, { sessionRuns: async () => [run] });
      const shown =
        argumentsJson.length <= previewUnitsMax ? argumentsJson : `${argumentsJson.slice(0, 100)}…`;
      const cut = argumentsJson.length <= previewUnitsMax ? {} : { cut: ['arguments'] };
      const client = await other.connect(`/tools?since=${encodeURIComponent(cursor(0))}`);
      await client.next();
      expect(await client.next()).toMatchObject({ event: 'tool.call', data: { arguments: shown, ...cut } });
      const baseline = await Client.open(other.port, '/tools');
      other.tell(past);
      expect(await baseline.next()).toMatchObject({ event: 'tool.call', data: { arguments: shown } });
      const response = await other.request(`/chat-sessions/${sessionId}/runs`);
      expect(await response.json()).toMatchObject([{ toolCalls: [{ arguments: shown }] }]);
      for (const socket of [client, baseline]) socket.socket.close();
      await other.gateway.close();
    }
  });
});
