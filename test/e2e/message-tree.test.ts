/**
 * The tree of messages, as clients of both kinds see it: the real server as a process, the six sockets of a baseline
 * client, one `callboard.v1` socket, REST; on SQLite always, on PostgreSQL when there is one.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureText } from '../../schema/chat-message.ts';
import { messageIdSchema } from '../../schema/ids.ts';
import { failureIdOf } from '../../src/gateway/stream/failure-id.ts';
import { type BaselineClient, openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { databases } from '../processes/databases.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

type Row = Readonly<Record<string, unknown>>;

describe.each(databases)('the tree of messages on $name', ({ prepare }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof prepare>>;
  let server: ServerProcess;
  let baseline: BaselineClient;
  let session: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    database = await prepare();
    server = await startServer({
      dataFolder: folder.path,
      env: { ...database.env, CALLBOARD_LOG_LEVEL: 'info' },
    });
  });

  beforeEach(async () => {
    baseline = await openBaselineClient(server.url);
    session = textAt((await request(server.url, 'POST', '/chat-sessions', { title: 'Tree' })).body, 'id');
  });

  // Nothing of it is told to the client of the next test.
  afterEach(async () => {
    await request(server.url, 'DELETE', `/chat-sessions/${session}`);
    baseline.close();
  });

  afterAll(async () => {
    expect(await server.end()).toBe(0);
    await database.remove();
    await folder.remove();
  });

  const at = (path: string) => `/chat-sessions/${session}${path}`;
  const say = async (content: string, more: object = {}) => {
    const sent = await request(server.url, 'POST', at('/messages'), { content, ...more });
    expect(sent.status).toBe(201);
    return textAt(sent.body, 'id');
  };
  const list = async (query = ''): Promise<readonly Row[]> => {
    const { body } = await request(server.url, 'GET', at(`/messages${query}`));
    return Array.isArray(body) ? body : [];
  };
  const idle = (times: number) =>
    baseline.until(
      (frames) =>
        frames.filter(({ event, data }) => event === 'agent.activity' && data['state'] === 'idle').length >=
        times,
    );
  /** What the baseline's socket `/chat-sessions` said of messages, from a frame on. */
  const told = (from = 0) =>
    baseline.frames
      .slice(from)
      .filter(({ event, namespace }) => namespace === 'chat-sessions' && event.startsWith('message.'))
      .map(({ event, data }) => ({ event, data }));

  it('[TREE40] [TREE44] [TREE45] a question that is asked again, changed, chosen and deleted', async () => {
    const first = await say('[[tokens=3 delay=0]] one');
    await idle(1);
    const again = await request(server.url, 'POST', at(`/messages/${first}/regenerate`), {});
    expect(again).toMatchObject({ status: 201, body: { promptId: first } });
    await idle(2);
    const newAnswer = textAt(again.body, 'answerId');
    const [question, answer, ...none] = await list();
    expect(question).toMatchObject({ id: first, parentId: null, status: 'complete' });
    expect(answer).toMatchObject({ id: newAnswer, parentId: first, promptId: first, status: 'complete' });
    expect(none).toEqual([]);
    const all = await list('?branch=all');
    expect(all.map(({ id }) => id)).toEqual([first, expect.any(String), newAnswer]);
    const oldAnswer = String(all[1]?.['id']);

    const edited = await request(server.url, 'PATCH', at(`/messages/${first}`), {
      content: '[[tokens=3 delay=0]] two',
    });
    expect(edited).toMatchObject({
      status: 201,
      body: { parentId: null, content: '[[tokens=3 delay=0]] two' },
    });
    await idle(3);
    expect((await list()).map(({ content }) => String(content).slice(-3))).toEqual([
      'two',
      expect.any(String),
    ]);
    expect((await list('?branch=all')).length).toBe(5);

    const chosen = await request(server.url, 'PUT', at('/branch'), { leafId: first });
    expect(chosen).toMatchObject({ status: 200, body: { id: session, leafId: newAnswer } });
    expect((await list()).map(({ id }) => id)).toEqual([first, newAnswer]);

    const from = baseline.frames.length;
    expect((await request(server.url, 'DELETE', at(`/messages/${newAnswer}`))).status).toBe(204);
    expect((await list()).map(({ id }) => id)).toEqual([first, oldAnswer]);
    expect((await request(server.url, 'DELETE', at(`/messages/${newAnswer}`))).status).toBe(404);
    const copy = await request(server.url, 'POST', at('/fork'), { messageId: oldAnswer });
    expect(copy).toMatchObject({
      status: 201,
      body: { title: 'Tree', forkedFrom: { sessionId: session, messageId: oldAnswer } },
    });
    const copied = await request(server.url, 'GET', `/chat-sessions/${textAt(copy.body, 'id')}/messages`);
    const said = ({ content, role }: Row) => [role, content];
    expect(Array.isArray(copied.body) ? copied.body.map(said) : []).toEqual((await list()).map(said));
    // [TREE42]: baseline sockets hear of new messages and ended answers alone.
    expect(told(from)).toEqual([]);
    expect(told().map(({ event }) => event)).toEqual([
      ...['message.created', 'message.created', 'message.updated'],
      ...['message.created', 'message.updated'],
      ...['message.created', 'message.created', 'message.updated'],
    ]);
    for (const { data } of told()) {
      expect(Object.keys(data)).toEqual(['id', 'sessionId', 'role', 'content', 'createdAt']);
    }
  });

  it('[TREE45] what is sent at once is one path, and what waits comes last', async () => {
    const first = await say('[[tokens=40 delay=20]] one');
    const second = await say('[[tokens=2 delay=0]] two');
    const waiting = await list();
    expect(waiting.at(-1)).toMatchObject({ id: second, queueRank: expect.any(Number) });
    expect(waiting.at(-1)).not.toHaveProperty('parentId');
    await idle(2);
    const path = await list();
    expect(path.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(path.map(({ parentId }) => parentId)).toEqual([null, ...path.slice(0, -1).map(({ id }) => id)]);
    expect(path[2]).toMatchObject({ id: second, parentId: path[1]?.['id'] });
    // The baseline lists in order of creation; so does the whole tree.
    expect((await list('?branch=all')).map(({ id }) => id)).toEqual([
      first,
      ...[second, path[1]?.['id']].toSorted((one, other) => order(one) - order(other)),
      path[3]?.['id'],
    ]);
    function order(id: unknown): number {
      return baseline.frames.findIndex(({ event, data }) => event === 'message.created' && data['id'] === id);
    }
    expect(
      told()
        .filter(({ data }) => data['id'] === second)
        .map(({ event }) => event),
    ).toEqual(['message.created']);
  });

  it('[TREE43] an answer that fails after text is one message, and two for baseline sockets', async () => {
    await say('[[fail=mid]] one');
    await idle(1);
    const [, answer, ...none] = await list();
    expect(none).toEqual([]);
    expect(answer).toMatchObject({ role: 'assistant', status: 'failed' });
    const id = messageIdSchema.parse(answer?.['id']);
    const heard = told().slice(-3);
    expect(heard.map(({ event, data }) => [event, data['id'], data['content']])).toEqual([
      ['message.updated', id, answer?.['content']],
      ['message.created', failureIdOf(id), failureText],
      ['message.updated', failureIdOf(id), failureText],
    ]);
    const last = baseline.frames
      .filter(({ namespace, event }) => namespace === 'chat-sessions' && event !== 'execution-tree.updated')
      .slice(-4);
    expect(last.map(({ event, data }) => [event, data['state']])).toEqual([
      ['session.updated', undefined],
      ['message.updated', undefined],
      ['agent.activity', 'error'],
      ['agent.activity', 'idle'],
    ]);
  });

  it('[TREE43] an answer that fails without text is the fixed sentence', async () => {
    await say('[[fail=500]] one');
    await idle(1);
    const [, answer, ...none] = await list();
    expect(none).toEqual([]);
    expect(answer).toMatchObject({ role: 'assistant', status: 'failed', content: failureText, parts: [] });
    const heard = told().filter(({ data }) => data['role'] === 'assistant');
    expect(heard.map(({ event, data }) => [event, data['id'], data['content']])).toEqual([
      ['message.created', answer?.['id'], failureText],
      ['message.updated', answer?.['id'], failureText],
    ]);
  });

  it('[TREE49] reasoning follows the message that it belongs to', async () => {
    await say('[[think=3 tokens=2 delay=0]] one');
    await idle(1);
    const [, answer] = await list();
    const parts = answer?.['parts'];
    expect(Array.isArray(parts) ? parts.map(({ type }) => type) : []).toEqual(['reasoning', 'text']);
    const heard = told().filter(({ data }) => data['id'] === answer?.['id']);
    expect(heard.map(({ event, data }) => [event, data['content']])).toEqual([
      ['message.created', ''],
      ['message.updated', answer?.['content']],
    ]);
  });

  it('[MSG10] the end of reasoning names the turn and the question', async () => {
    const prompt = await say('[[think=3 tokens=2 delay=0]] one');
    // On another socket than the state of the session, in no order with it.
    await baseline.until((frames) => frames.some(({ event }) => event === 'message.reasoning.completed'));
    const heard = baseline.frames.filter(({ namespace }) => namespace === 'chat-messages');
    const partial = heard.findLast(({ event }) => event === 'message.reasoning.partial')?.data;
    const completed = heard.filter(({ event }) => event === 'message.reasoning.completed');
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const own = { responseId: uuid, metadata: { promptId: prompt }, timestamp: expect.any(String) };
    expect(completed.map(({ data }) => data)).toEqual([{ ...partial, ...own }]);
  });

  it('[TREE44] a message may be refused, or take the place of what runs', async () => {
    const first = await say('[[tokens=400 delay=20]] one');
    const waits = await say('[[tokens=2 delay=0]] two');
    const refused = await request(server.url, 'POST', at('/messages'), { content: 'no', queue: 'reject' });
    expect(refused.status).toBe(409);
    const changed = await request(server.url, 'PATCH', at(`/messages/${waits}`), {
      content: '[[tokens=2]] 2',
    });
    expect(changed).toMatchObject({ status: 201, body: { id: waits, content: '[[tokens=2]] 2' } });
    expect((await request(server.url, 'DELETE', at(`/messages/${waits}`))).status).toBe(204);
    const last = await say('[[tokens=2 delay=0]] three', { queue: 'replace' });
    await idle(2);
    const path = await list();
    expect(path.map(({ id, status }) => [id, status])).toEqual([
      [first, 'complete'],
      [expect.any(String), 'cancelled'],
      [last, 'complete'],
      [expect.any(String), 'complete'],
    ]);
  });
});
