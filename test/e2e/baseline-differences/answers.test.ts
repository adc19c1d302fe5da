/** Rows of docs/baseline-differences.md about answers, and what sockets are told of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failureText } from '../../../schema/chat-message.ts';
import { limits } from '../../../schema/limits.ts';
import { textAt } from '../../processes/baseline-client.ts';
import { BaselineServer } from './baseline-server.ts';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({ CALLBOARD_WEB: 'off', CALLBOARD_REHEARSAL_DELAY_MS: '0' });
});
afterAll(() => at.remove());

/** Events about messages of the assistant, with their contents. */
const answers = (session: string) =>
  at
    .told(session, 'message.created', 'message.updated')
    .filter(({ data }) => data['role'] === 'assistant')
    .map(({ event, data }) => [event, data['content']]);

/** `PATCH`, `POST` and so on, below a session. */
const change = (session: string, method: string, path: string, body?: object) =>
  at.request(method, `/chat-sessions/${session}${path}`, body);

it('D21 message.updated comes once, when the answer ends', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=10]]');
  expect(at.told(session, 'message.partial')).toHaveLength(10);
  expect(at.told(session, 'message.updated')).toHaveLength(1);
});

it('D22 turns of a session run one after the other', async () => {
  const session = await at.newSession();
  const first = await at.say(session, '[[tokens=20 delay=5]] one');
  const second = await at.say(session, '[[tokens=2]] two');
  await at.ended(session, 2);
  const traces = at.told(session, 'trace.created', 'trace.updated');
  expect(traces.map(({ event, data }) => [event, data['metadata']])).toMatchObject([
    ['trace.created', { messageId: first }],
    ['trace.updated', { messageId: first }],
    ['trace.created', { messageId: second }],
    ['trace.updated', { messageId: second }],
  ]);
});

it('D23 tool.call and tool.result come once for a call', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tool=clock tokens=2]]');
  expect(at.told(session, 'tool.call', 'tool.result').map(({ data }) => data['status'])).toEqual([
    'running',
    'completed',
  ]);
});

it('D24 a tool that fails has a result', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tool=nope tokens=2]]');
  expect(at.told(session, 'tool.result')).toMatchObject([
    { data: { status: 'failed', result: 'There is no tool named "nope"' } },
  ]);
});

it('D25 an answer after tools is one message, with its text', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tool=clock args={"timeZone":"UTC"} tool=clock tokens=4]]');
  const told = answers(session);
  expect(told.map(([event]) => event)).toEqual(['message.created', 'message.updated']);
  const content = told.at(-1)?.[1];
  expect(content).not.toContain('{"timeZone"');
  expect(await at.list(session)).toMatchObject([{ role: 'user' }, { role: 'assistant', content }]);
});

it('D27 a preview is never cut within a surrogate pair', async () => {
  const session = await at.newSession();
  const args = ['', 'x'].map((first) => JSON.stringify({ timeZone: first + '😀'.repeat(1000) }));
  await at.ask(session, `[[tokens=1 ${args.map((text) => `tool=clock args=${text}`).join(' ')}]]`);
  const previews = at.told(session, 'tool.call').map(({ data }) => textAt(data, 'arguments'));
  expect(previews.map((text) => text.length).toSorted()).toEqual([
    limits.previewUnitsMax,
    limits.previewUnitsMax + 1,
  ]);
  for (const text of previews) {
    expect(text.isWellFormed()).toBe(true);
    expect(text.at(-1)).toBe('…');
  }
});

it('D28 a failure of the provider is told in one way', async () => {
  for (const directive of ['fail=400', 'fail=401']) {
    const session = await at.newSession();
    await at.ask(session, `[[${directive}]]`);
    expect(answers(session)).toEqual([
      ['message.created', failureText],
      ['message.updated', failureText],
    ]);
    expect(at.order(session).slice(-5)).toEqual([
      'message.created',
      'session.updated',
      'message.updated',
      'error',
      'idle',
    ]);
    expect(at.told(session, 'trace.updated')).toMatchObject([
      { data: { status: 'failed', metadata: { error: expect.any(String) } } },
    ]);
  }
});

it('D29 an answer without text is a failure', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=0]]');
  expect(answers(session)).toEqual([
    ['message.created', failureText],
    ['message.updated', failureText],
  ]);
  expect(at.order(session).slice(-2)).toEqual(['error', 'idle']);
});

it('D30 an answer that only reasons keeps its message', async () => {
  const session = await at.newSession();
  await at.say(session, '[[think=2 tokens=1 delay=60000]]');
  await at.heard(session, 'message.reasoning.partial');
  await at.cancel(session);
  expect(answers(session)).toEqual([
    ['message.created', ''],
    ['message.updated', ''],
  ]);
  const failing = await at.newSession();
  await at.ask(failing, '[[think=2 tokens=0]]');
  expect(answers(failing)).toEqual([
    ['message.created', ''],
    ['message.updated', failureText],
  ]);
});

it('D31 an answer that fails after text is followed by the fixed sentence, on sockets alone', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=6 fail=mid]]');
  const listed = await at.list(session);
  expect(listed).toMatchObject([{ role: 'user' }, { role: 'assistant', status: 'failed' }]);
  expect(answers(session).slice(1)).toEqual([
    ['message.updated', listed[1]?.['content']],
    ['message.created', failureText],
    ['message.updated', failureText],
  ]);
  expect(listed[1]?.['content']).not.toBe(failureText);
});

it('D32 an answer that goes on is heard of by its partials and its end', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=6 fail=mid]]');
  const [, answer] = await at.list(session);
  const [id, before] = [textAt(answer, 'id'), textAt(answer, 'content')];
  const from = at.told(session).length;
  const more = await change(session, 'POST', `/messages/${id}/regenerate`, { continue: true });
  expect(more.status).toBe(201);
  await at.ended(session, 2);
  const told = at.told(session).slice(from);
  const partials = told.filter(({ event }) => event === 'message.partial');
  expect(partials.map(({ data }) => data['id'])).toEqual(partials.map(() => id));
  expect(partials.length).toBeGreaterThan(0);
  for (const { data } of partials) expect(textAt(data, 'content').startsWith(before)).toBe(true);
  const final = partials.at(-1)?.data['content'];
  const messages = told.filter(({ event }) => event === 'message.updated' || event === 'message.created');
  expect(messages.map(({ event, data }) => [event, data['content']])).toEqual([
    ['message.updated', final],
    ['message.created', failureText],
    ['message.updated', failureText],
  ]);
  const failures = at.told(session, 'message.created').filter(({ data }) => data['content'] === failureText);
  expect(new Set(failures.map(({ data }) => data['id'])).size).toBe(1);
  expect(failures).toHaveLength(2);
});

it('D33 other branches, deleted messages and changed ones that wait are not told', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=1]] one');
  const [, answer] = await at.list(session);
  await change(session, 'POST', `/messages/${textAt(answer, 'id')}/regenerate`, {});
  await at.ended(session, 2);
  const other = (await at.list(session)).at(-1);
  await at.say(session, '[[tokens=2 delay=60000]]');
  const waits = await at.say(session, 'waits');
  await at.heard(session, 'message.created', ({ id }) => id === waits);
  await at.client.settled();
  const from = at.told(session, 'message.created', 'message.updated').length;
  expect((await change(session, 'PATCH', `/messages/${waits}`, { content: 'changed' })).status).toBe(201);
  expect((await change(session, 'DELETE', `/messages/${waits}`)).status).toBe(204);
  expect((await change(session, 'PUT', '/branch', { leafId: textAt(answer, 'id') })).status).toBe(200);
  expect((await change(session, 'DELETE', `/messages/${textAt(other, 'id')}`)).status).toBe(204);
  await at.client.settled();
  const told = at.told(session, 'message.created', 'message.updated').slice(from);
  expect(told.map(({ data }) => data['id']).filter((id) => id === waits || id === answer?.['id'])).toEqual(
    [],
  );
  expect(at.told(session, 'message.deleted', 'branch.selected')).toEqual([]);
  expect((await at.list(session)).map(({ id }) => id)).not.toContain(waits);
});

it('D34 new versions and new answers are told as new messages', async () => {
  const session = await at.newSession();
  const question = await at.ask(session, '[[tokens=1]] one');
  const [, answer] = await at.list(session);
  const from = at.told(session, 'message.created').length;
  await change(session, 'POST', `/messages/${textAt(answer, 'id')}/regenerate`, {});
  await at.ended(session, 2);
  const edited = await change(session, 'PATCH', `/messages/${question}`, { content: '[[tokens=1]] two' });
  await at.ended(session, 3);
  const told = at.told(session, 'message.created').slice(from);
  expect(told.map(({ data }) => data['role'])).toEqual(['assistant', 'user', 'assistant']);
  expect(told[1]?.data['id']).toBe(textAt(edited.body, 'id'));
  expect(told.map(({ data }) => data['id'])).not.toContain(question);
  expect(await at.list(session)).toHaveLength(2);
});

it('D35 an answer that is cancelled ends with its text, idle, and a failed trace', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tokens=2 delay=60000]]');
  const { content } = await at.heard(session, 'message.partial');
  await at.cancel(session);
  expect(answers(session)).toEqual([
    ['message.created', content],
    ['message.updated', content],
  ]);
  expect(at.order(session).filter((one) => !one.includes('.'))).toEqual(['thinking', 'idle']);
  expect(at.told(session, 'trace.updated')).toMatchObject([
    { data: { status: 'failed', metadata: { error: 'Cancelled' } } },
  ]);
});

it('D36 deleting a session that answers ends its answer, and nothing follows', async () => {
  const session = await at.newSession();
  await at.say(session, '[[tokens=1000 delay=1]]');
  await at.heard(session, 'message.partial');
  expect((await at.request('DELETE', `/chat-sessions/${session}`)).status).toBe(204);
  await at.ask(await at.newSession(), '[[tokens=20 delay=2]]');
  expect(at.order(session).slice(-2)).toEqual(['session.updated', 'session.deleted']);
  expect(at.told(session, 'trace.updated').at(-1)).toMatchObject({ data: { status: 'failed' } });
  expect(await at.request('GET', '/health')).toMatchObject({ status: 200 });
});

it('D37 the end of reasoning has the id of the turn and of the question', async () => {
  const session = await at.newSession();
  const promptId = await at.ask(session, '[[think=2 tokens=1]]');
  const completed = at.told(session, 'message.reasoning.completed');
  expect(completed).toMatchObject([{ data: { responseId: expect.any(String), metadata: { promptId } } }]);
  const runs = await at.request('GET', `/chat-sessions/${session}/messages?branch=all`);
  const turn = textAt(completed[0]?.data, 'responseId');
  expect(turn).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.stringify(runs.body)).not.toContain(turn);
});

it('D38 a session whose creator asked for it gets a title', async () => {
  const session = await at.newSession({ autoTitle: true });
  await at.ask(session, '[[tokens=3]]');
  const named = await at.heard(session, 'session.updated', ({ title }) => title !== 'Difference');
  expect(textAt(named, 'title')).not.toBe('');
  expect(Object.keys(named)).toEqual(['id', 'title', 'status', 'createdAt', 'updatedAt']);
});

it('D39 a trace has more metadata', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=2 finish=length]]');
  expect(at.told(session, 'trace.updated').map(({ data }) => data['metadata'])).toMatchObject([
    { responseCount: 1, finishReason: 'length', note: expect.any(String) },
  ]);
});

it('D80 of a copy only the session is told', async () => {
  const session = await at.newSession();
  await at.ask(session, '[[tokens=1]]');
  const [, answer] = await at.list(session);
  const copy = await change(session, 'POST', '/fork', { messageId: answer?.['id'] });
  const id = textAt(copy.body, 'id');
  await at.heard(id, 'session.created');
  await at.client.settled();
  expect(at.told(id).map(({ event }) => event)).toEqual(['session.created']);
  expect(await at.list(id)).toHaveLength(2);
  const traces = await at.request('GET', '/traces');
  expect(JSON.stringify(traces.body)).toContain(id);
});
