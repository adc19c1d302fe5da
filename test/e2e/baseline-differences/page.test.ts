/** Rows of docs/baseline-differences.md about what the baseline's page reads beside the chat (docs/protocol.md A6). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { textAt } from '../../processes/baseline-client.ts';
import { BaselineServer } from './baseline-server.ts';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({ CALLBOARD_WEB: 'off', CALLBOARD_REHEARSAL_DELAY_MS: '0' });
});
afterAll(() => at.remove());

const time = '2026-01-01T00:00:00.000Z';
const layout = '/user/preferences/layout';
const tree = (session: string) => at.request('GET', `/orchestrator/metadata?sessionId=${session}`);
const state = (session: string) => at.request('GET', `/orchestrator/execution-state?sessionId=${session}`);

it('D72 the root has the model that the next turn asks, and calls their turn', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tool=clock tokens=1]]');
  expect((await tree(session)).body).toMatchObject({
    agentHierarchy: [{ provider: 'rehearsal', model: 'rehearsal', metadata: { state: 'idle' } }],
    toolInvocations: [{ metadata: { turnId: expect.any(String), step: 1 } }],
  });
  const other = await at.newSession({ options: { model: 'rehearsal' } });
  expect((await tree(other)).body).toMatchObject({ agentHierarchy: [{ model: 'rehearsal' }] });
});

it('D73 long arguments are cut to texts', async () => {
  const session = await at.newSession();
  const long = JSON.stringify({ timeZone: 'x'.repeat(limits.executionTreeValueUnitsMax) });
  await at.ask(session, `[[tool=clock args={"timeZone":"UTC"} tool=clock args=${long} tokens=1]]`);
  expect((await tree(session)).body).toMatchObject({
    toolInvocations: [
      { metadata: { arguments: { timeZone: 'UTC' }, result: { timeZone: 'UTC' } } },
      { metadata: { arguments: expect.stringMatching(/^\{"timeZone":"x+…$/) } },
    ],
  });
});

it('D74 the tree is told when a tool call changes, too', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tool=clock tokens=100 delay=200]]');
  const told = await at.heard(session, 'execution-tree.updated', ({ state: now }) =>
    JSON.stringify(now).includes('"status":"completed"'),
  );
  expect(told).toMatchObject({ state: { toolInvocations: [{ name: 'clock', status: 'completed' }] } });
  expect(at.told(session, 'trace.updated')).toEqual([]);
  await at.cancel(session);
});

it('D75 there is no execution state where only another branch ran', async () => {
  const [one, other] = ['00000001-0000-4000-8000-000000000000', '00000002-0000-4000-8000-000000000000'];
  const message = { role: 'user', createdAt: time, parentId: null, status: 'complete' };
  const imported = await at.request('POST', '/chat-sessions/import', {
    ...{ callboard: 'transcript', version: 1, turns: [], calls: [], leafId: one },
    session: { title: 'Two roots', createdAt: time, updatedAt: time },
    messages: [one, other].map((id) => ({ ...message, id, parts: [{ type: 'text', text: id }] })),
  });
  const session = textAt(imported.body, 'id');
  await at.ask(session, '[[tokens=1]]');
  expect((await state(session)).status).toBe(200);
  const branch = (await at.list(session, '?branch=all')).find(({ content }) => content === other);
  await at.request('PUT', `/chat-sessions/${session}/branch`, { leafId: branch?.['id'] });
  expect(await at.list(session)).toMatchObject([{ content: other }]);
  expect((await state(session)).status).toBe(404);
});

it('D76 there is no tree of a session that does not exist', async () => {
  expect((await tree('00000000-0000-4000-8000-000000000000')).status).toBe(404);
  expect((await tree('no')).status).toBe(400);
});

it('D77 a layout is merged at any depth, null removes, and defaults come back', async () => {
  const first = await at.request('PUT', layout, {
    chat: { collapsedPanels: { left: true, right: { top: true, bottom: true } } },
    updatedAt: '2001-01-01T00:00:00.000Z',
  });
  expect(textAt(first.body, 'updatedAt') > '2026').toBe(true);
  const second = await at.request('PUT', layout, {
    chat: { collapsedPanels: { left: null, right: { top: null } } },
  });
  expect(second.body).toMatchObject({ chat: { collapsedPanels: { right: { bottom: true } } } });
  expect(JSON.stringify(second.body)).not.toContain('left');
  expect(await at.request('PUT', layout, { chat: { collapsedPanels: null } })).toMatchObject({
    status: 200,
    body: { chat: { collapsedPanels: {}, sessionSettings: {}, templates: {} } },
  });
});

it('D79 a layout that is too long is refused, and stays as it was', async () => {
  const before = await at.request('GET', layout);
  const refused = await at.request('PUT', layout, { chat: { notes: 'x'.repeat(limits.layoutUnitsMax) } });
  expect(refused).toMatchObject({ status: 413, body: { statusCode: 413 } });
  expect(await at.request('GET', layout)).toEqual(before);
});

it('D82 the catalogue has the providers and their models', async () => {
  expect(await at.request('GET', '/providers/catalog')).toMatchObject({
    status: 200,
    body: [{ name: 'rehearsal', models: ['rehearsal'], available: true }],
  });
});
