/**
 * The life of a connection to a tool server: how it is lost and found, and what it costs. Method: scripted servers
 * behind HTTP, whose requests the test sees, and a clock whose timers are let go by hand.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../../actors/ports.ts';
import { limits } from '../../../../schema/limits.ts';
import { systemClock } from '../../../../src/clock.ts';
import { startMcpServer } from '../../../../src/tools/mcp/mcp-server.ts';
import { startScriptedHttp } from '../../../fakes/mcp/scripted-http.ts';
import { type Asked, failure, type Script } from '../../../fakes/mcp/scripted-server.ts';
import { toolRun } from '../../../fakes/tool-run.ts';
import { recordingLog, stdio, toolOf } from './mcp-servers.ts';

const running: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

type Timer = { readonly delay: number; readonly run: () => void };

/** Timers run when the test says so. */
function handClock(
  onTimer: () => void = () => {},
): Clock & { readonly timers: Timer[]; readonly letGo: (delay: number) => void } {
  const timers: Timer[] = [];
  return {
    ...systemClock,
    timers,
    after: (delay, run) => {
      const timer = { delay, run };
      timers.push(timer);
      onTimer();
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    letGo: (delay) => {
      const due = timers.filter((timer) => timer.delay === delay);
      for (const timer of due) timers.splice(timers.indexOf(timer), 1);
      for (const { run } of due) run();
    },
  };
}

async function connected(script: Script = {}) {
  const requests: { readonly method: string; readonly body: Asked | null; readonly text: string }[] = [];
  let wake: () => void = () => {};
  const http = await startScriptedHttp(
    {
      ...script,
      http: (method, asked, count, text) => {
        requests.push({ method, body: asked, text });
        wake();
        return script.http?.(method, asked, count, text) ?? null;
      },
    },
    'json',
  );
  const clock = handClock(() => wake());
  const { log, lines } = recordingLog();
  const server = startMcpServer(
    { ...stdio('odd', []), endpoint: { kind: 'http', url: http.url, headers: {} } },
    { clock, log },
  );
  running.push(server, http);
  await server.settled;
  const count = (method: string) => requests.filter(({ body }) => body?.method === method).length;
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { server, http, clock, lines, count, until, requests };
}

const isCall = (asked: Asked | null) => asked?.method === 'tools/call';

describe('life', () => {
  it.each([-32601, -32600, -32000, -32001])(
    '[MCP5] an error %d in answer to a ping is life',
    async (code) => {
      const { server, clock, count, until, lines } = await connected({
        answers: { ping: failure({ code, message: 'no ping here' }) },
      });
      for (let ping = 1; ping <= 3; ping++) {
        clock.letGo(limits.toolServerPingMs);
        await until(
          () => count('ping') === ping && clock.timers.some(({ delay }) => delay === limits.toolServerPingMs),
        );
      }
      expect(count('initialize')).toBe(1);
      expect(lines.filter(({ message }) => message === 'Tool server lost')).toEqual([]);
      expect(server.tools()).toHaveLength(2);
    },
  );

  it('[MCP5] a call that is not answered fails alone, and the server is asked at once', async () => {
    const { server, count, until } = await connected({
      http: (_method, asked) => (isCall(asked) ? { status: 500, body: 'oops' } : null),
    });
    expect(await toolOf(server, 'look').run({}, toolRun())).toMatchObject({
      refusal: {
        code: 'unavailable',
        message: 'The tool server odd did not answer: HTTP 500 Internal Server Error: oops',
      },
    });
    await until(() => count('ping') === 1);
    expect(count('initialize')).toBe(1);
  });

  it('[MCP6] tools of a lost server ask for patience, come back with it, and are forgotten after a while', async () => {
    let isDown = false;
    const { server, clock, count } = await connected({ http: () => (isDown ? { status: 503 } : null) });
    const lose = async () => {
      isDown = true;
      await toolOf(server, 'look').run({}, toolRun());
      await server.nextChange();
    };
    await lose();
    expect(server.tools().map(({ name }) => name)).toEqual(['odd__look', 'odd__seen']);
    expect(await toolOf(server, 'look').run({}, toolRun())).toMatchObject({
      refusal: {
        code: 'unavailable',
        retryable: true,
        message: 'The tool server odd is reconnecting, try again',
      },
    });
    isDown = false;
    const back = server.nextChange();
    clock.letGo(limits.toolServerRetryMs);
    await back;
    expect(count('initialize')).toBe(2);
    expect(await toolOf(server, 'look').run({}, toolRun())).toEqual({ ok: true, value: 'fine' });
    await lose();
    clock.letGo(limits.toolServerRememberedMs);
    expect(server.tools()).toEqual([]);
  });

  it('[MCP7] a refused port is named', async () => {
    const http = await startScriptedHttp({}, 'json');
    await http.stop();
    const { log, lines } = recordingLog();
    const server = startMcpServer(
      { ...stdio('gone', []), endpoint: { kind: 'http', url: http.url, headers: {} } },
      { clock: handClock(), log },
    );
    running.push(server);
    await server.settled;
    expect(lines.find(({ message }) => message === 'Tool server lost')?.text).toMatch(
      /it cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:\d+/,
    );
  });
});

describe('cost', () => {
  it('[MCP3] three hundred changes at once cost one list that runs and one that follows', async () => {
    const changed = 'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n';
    const { clock, count, until, requests } = await connected({
      http: (method, _asked, at) =>
        method === 'GET' && at < 9
          ? { status: 200, headers: { 'content-type': 'text/event-stream' }, body: changed.repeat(300) }
          : null,
    });
    await until(() => requests.some(({ method }) => method === 'GET'));
    // While the pause after the first list goes on, none is read.
    await until(() => clock.timers.some(({ delay }) => delay === limits.toolServerListMs));
    expect(count('tools/list')).toBe(1);
    // The stream has been read by the time that an answer behind it has come.
    clock.letGo(limits.toolServerPingMs);
    await until(() => count('ping') === 1);
    clock.letGo(limits.toolServerListMs);
    await until(
      () => count('tools/list') === 2 && clock.timers.some(({ delay }) => delay === limits.toolServerListMs),
    );
    clock.letGo(limits.toolServerListMs);
    clock.letGo(limits.toolServerPingMs);
    await until(() => count('ping') === 2);
    expect(count('tools/list')).toBe(2);
  });

  it('[MCP8] a call that has ended is not cancelled any more, one that runs is', async () => {
    const { server, until, requests } = await connected({
      http: (_method, asked) =>
        isCall(asked) && asked?.params['name'] === 'look'
          ? {
              status: 200,
              headers: { 'content-type': 'text/event-stream' },
              body: ': wait\n\n',
              after: 'stays open',
            }
          : null,
    });
    const cancellations = () => requests.filter(({ text }) => text.includes('notifications/cancelled'));
    const ended = new AbortController();
    expect(await toolOf(server, 'seen').run({}, toolRun({ signal: ended.signal }))).toMatchObject({
      ok: true,
    });
    ended.abort();
    const runs = new AbortController();
    const call = toolOf(server, 'look').run({}, toolRun({ signal: runs.signal }));
    await until(() => requests.some(({ body }) => body?.params['name'] === 'look'));
    runs.abort();
    await expect(call).rejects.toThrow();
    await until(() => cancellations().length > 0);
    const id = requests.find(({ body }) => body?.params['name'] === 'look')?.body?.id;
    expect(cancellations().map(({ text }) => JSON.parse(text).params.requestId)).toEqual([id]);
  });
});
