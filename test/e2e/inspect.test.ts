/** The inspector's protocol over the real server as a process, real sockets and REST, with keys and without. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { machineChartsSchema } from '../../schema/machine-chart.ts';
import { sessionHistorySchema } from '../../schema/session-history.ts';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import {
  inspectChangesSchema,
  inspectEventsSchema,
  inspectedSessionSchema,
  inspectSnapshotSchema,
} from '../../schema/wire/inspect-frame.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

type Frame = { readonly event: string; readonly data: unknown; readonly id?: unknown; readonly seq?: number };

class Socket {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #wake = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      this.frames.push(JSON.parse(String(bytes)));
      this.#wake();
    });
  }

  static async open(url: string): Promise<Socket> {
    const socket = new WebSocket(url.replace('http', 'ws'), callboardV1Subprotocol);
    const opened = new Socket(socket);
    await once(socket, 'open');
    return opened;
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The first frame, already received or to come, that `test` accepts. */
  async until(test: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async answer(id: number): Promise<Frame> {
    return await this.until(
      ({ event, data, id: own }) =>
        (event === 'ack' && own === id) ||
        (event === 'exception' && data instanceof Object && Reflect.get(data, 'id') === id),
    );
  }

  close(): void {
    this.#socket.close();
  }
}

const subscribe = { event: 'subscribe', data: { namespaces: ['inspect'] } };

describe('the inspector over the wire', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  const sockets: Socket[] = [];

  const start = async (env: Record<string, string> = {}) => {
    server = await startServer({ dataFolder: folder.path, env });
  };
  const live = async (query = '') => {
    const socket = await Socket.open(`${server.url}/live${query}`);
    sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    expect(await server.end()).toBe(0);
    await folder.remove();
  });

  it('[INS3] [INS6] [INS8] watches a tool call live, then scrubs the finished session', async () => {
    await start();
    const socket = await live();
    socket.send({ ...subscribe, id: 1 });
    expect(await socket.answer(1)).toMatchObject({ event: 'ack', data: { sessions: 0, intervalMs: 100 } });
    await socket.until(
      ({ event, data }) => event === 'inspect.snapshot' && inspectSnapshotSchema.parse(data).last,
    );

    const created = await request(server.url, 'POST', '/chat-sessions', { title: 'Time' });
    const id = textAt(created.body, 'id');
    const root = `session.${id}`;
    socket.send({ event: 'inspect.focus', data: { actorId: root }, id: 2 });
    expect(await socket.answer(2)).toMatchObject({ event: 'ack', data: { actorId: root, live: true } });
    const content = '[[tokens=20 delay=20 tool=clock]] What time is it?';
    await request(server.url, 'POST', `/chat-sessions/${id}/messages`, { content });

    await socket.until(
      ({ event, data }) =>
        event === 'inspect.changes' &&
        inspectChangesSchema
          .parse(data)
          .actors.some(({ kind, value }) => kind === 'answer' && value === 'streaming'),
    );
    const inspected = await request(server.url, 'GET', `/inspect/sessions/${id}`);
    const now = inspectedSessionSchema.parse(inspected.body);
    expect(now.live).toBe(true);
    expect(now.commands.map(({ command, effective }) => [command, effective])).toEqual([
      ['turn.cancel', true],
      ['session.archive', true],
      ['session.close', true],
      ['session.delete', true],
    ]);
    await socket.until(
      ({ event, data }) => event === 'inspect.events' && JSON.stringify(data).includes('turn.ended'),
    );
    const happened = socket.frames.flatMap(({ event, data }) =>
      event === 'inspect.events' ? inspectEventsSchema.parse(data).events : [],
    );
    const ofCall = happened.filter(({ sessionId }) => /toolCall\.[^/]*$/.test(sessionId));
    expect(ofCall.flatMap((one) => (one.type === '@xstate.snapshot' ? [one.snapshot.value] : []))).toEqual([
      'running',
      'completed',
    ]);
    expect(
      socket.frames.filter(({ event, seq }) => event.startsWith('inspect.') && seq !== undefined),
    ).toEqual([]);

    const answered = await request(server.url, 'GET', `/inspect/sessions/${id}/history?limit=500`);
    const history = sessionHistorySchema.parse(answered.body);
    expect(history).toMatchObject({ complete: true, next: null });
    expect(new Set(history.steps.map(({ basis }) => basis))).toEqual(new Set(['replayed']));
    const result = history.steps.find(({ event }) => event === 'tool.result');
    expect(result?.actors.find(({ kind }) => kind === 'toolCall')?.value).toBe('completed');
    expect(result?.untaken.some(({ transitions }) => transitions.includes('running:tool.failed:0'))).toBe(
      true,
    );
    // A link to one step shows the same step as the whole history.
    const link = `/inspect/sessions/${id}/history?after=${(result?.seq ?? 0) - 1}&limit=1`;
    expect(sessionHistorySchema.parse((await request(server.url, 'GET', link)).body).steps).toEqual([result]);

    const charts = machineChartsSchema.parse((await request(server.url, 'GET', '/inspect/machines')).body);
    const drawn = new Map(
      charts.machines.map((chart) => [chart.id, new Set(chart.states.map(({ path }) => path))]),
    );
    for (const { actors } of history.steps) {
      for (const { chartId, states } of actors) {
        for (const state of chartId === null ? [] : states) expect(drawn.get(chartId ?? '')).toContain(state);
      }
    }
    for (const path of ['', '/history']) {
      const unknown = '00000000-0000-0000-0000-000000000000';
      expect((await request(server.url, 'GET', `/inspect/sessions/${unknown}${path}`)).status).toBe(404);
    }
  });

  it.each([
    ['a session with options', {}, { title: 'x', options: { temperature: 0.5 } }, 'Hello'],
    ['a server with other bounds', { CALLBOARD_TURN_STEPS_MAX: '1' }, { title: 'x' }, 'What time is it?'],
  ])('[INS8] replays %s', async (_name, env, body, content) => {
    await start(env);
    const created = await request(server.url, 'POST', '/chat-sessions', body);
    const id = textAt(created.body, 'id');
    const socket = await live('?namespaces=chat-sessions');
    await request(server.url, 'POST', `/chat-sessions/${id}/messages`, { content });
    await socket.until(({ event, data }) => event === 'agent.activity' && textAt(data, 'state') === 'idle');
    // Published events are stored; the turn's end, which is not published, is written in the same transaction.
    const answered = await request(server.url, 'GET', `/inspect/sessions/${id}/history?limit=500`);
    const history = sessionHistorySchema.parse(answered.body);
    expect(history.steps.at(-1)?.event).toBe('turn.ended');
    expect(history.steps).toHaveLength(history.events.count);
    expect(history.steps.map(({ basis }) => basis)).toEqual(history.steps.map(() => 'replayed'));
  });

  it('[INS8] goes on over a restart, and shows a session that sleeps', async () => {
    await start();
    const created = await request(server.url, 'POST', '/chat-sessions', { title: 'Time' });
    const id = textAt(created.body, 'id');
    const content = 'Hello [[tokens=400 delay=20]]';
    await request(server.url, 'POST', `/chat-sessions/${id}/messages`, { content });
    const socket = await live('?namespaces=chat-messages');
    await socket.until(({ event }) => event === 'message.delta');
    await server.end('SIGKILL');
    await start();
    const history = sessionHistorySchema.parse(
      (await request(server.url, 'GET', `/inspect/sessions/${id}/history`)).body,
    );
    const bases = history.steps.map(({ basis }) => basis);
    expect(new Set(bases)).toEqual(new Set(['replayed', 'closed']));
    expect(history.steps.at(-1)?.actors).toMatchObject([{ kind: 'session', status: 'active' }]);
    const shown = inspectedSessionSchema.parse(
      (await request(server.url, 'GET', `/inspect/sessions/${id}`)).body,
    );
    expect(shown.actors[0]).toMatchObject({ kind: 'session', value: { open: { activity: 'idle' } } });
  });

  it('[INS2] refuses to mix with what is resumed, and says why', async () => {
    await start();
    const socket = await live();
    const wrong = [
      { namespaces: ['inspect', 'traces'] },
      { namespaces: ['inspect'], sessionId: '00000000-0000-0000-0000-000000000000' },
      { namespaces: ['inspect'], since: '00000000-0000-0000-0000-000000000000:1' },
    ];
    for (const [id, data] of wrong.entries()) {
      socket.send({ event: 'subscribe', data, id });
      expect(await socket.answer(id)).toMatchObject({
        event: 'exception',
        data: { code: 'validation_failed' },
      });
    }
    socket.send({ event: 'unsubscribe', data: { namespaces: ['inspect'] }, id: 10 });
    expect(await socket.answer(10)).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
    socket.send({ event: 'inspect.focus', data: { actorId: '../etc' }, id: 11 });
    expect(await socket.answer(11)).toMatchObject({
      event: 'exception',
      data: { code: 'validation_failed' },
    });
  });

  it('[INS1] asks for a key of its own where keys are asked for', async () => {
    await start({ CALLBOARD_API_KEYS: 'ordinary', CALLBOARD_INSPECT_KEYS: 'special' });
    const status = async (key: string) =>
      (await request(server.url, 'GET', `/inspect/machines${key}`)).status;
    expect(await status('')).toBe(401);
    expect(await status('?apiKey=wrong')).toBe(401);
    expect(await status('?apiKey=ordinary')).toBe(403);
    expect(await status('?apiKey=special')).toBe(200);
    expect((await request(server.url, 'GET', '/chat-sessions?apiKey=special')).status).toBe(200);
    const ordinary = await live('?apiKey=ordinary');
    ordinary.send({ ...subscribe, id: 1 });
    expect(await ordinary.answer(1)).toMatchObject({ event: 'exception', data: { code: 'forbidden' } });
    ordinary.send({ event: 'inspect.focus', data: { actorId: 'runtimeConfig' }, id: 2 });
    expect(await ordinary.answer(2)).toMatchObject({ event: 'exception', data: { code: 'forbidden' } });
    const special = await live('?apiKey=special');
    special.send({ ...subscribe, id: 1 });
    expect(await special.answer(1)).toMatchObject({ event: 'ack' });
  });
});
