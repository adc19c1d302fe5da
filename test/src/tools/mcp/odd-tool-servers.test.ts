/**
 * Odd tool servers. Goal: one unexpected value costs its own call, or its own tool, and nothing else; what people see,
 * what the model is told and what is in the journal are the same and can be read. Method: a table
 * (`test/fakes/mcp/rows`) of scripted servers that run as programs and behind HTTP, in JSON and in event streams. In
 * each row a model asks for an odd tool through the real actors, then for a sound one of the same server.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { shownData } from '../../../../schema/wire/shown-event.ts';
import { systemClock } from '../../../../src/clock.ts';
import { mcpServersSchema } from '../../../../src/config/engine-settings.ts';
import { type McpToolBox, startMcpToolBox } from '../../../../src/tools/mcp/mcp-tool-box.ts';
import { inTurn } from '../../../effort.ts';
import { type ActorWorld, actorWorld } from '../../../fakes/actor-world.ts';
import { oddRows } from '../../../fakes/mcp/rows/all.ts';
import type { OddRow, Wire } from '../../../fakes/mcp/rows/odd-row.ts';
import { startScriptedHttp } from '../../../fakes/mcp/scripted-http.ts';
import { toolRun } from '../../../fakes/tool-run.ts';
import { seedOfRun } from '../../../named-property.ts';
import { compileCache } from '../../../processes/compile-cache.ts';
import { type LogLine, recordingLog, scriptedProgram } from './mcp-servers.ts';

const running: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

const hurried: readonly number[] = [
  limits.toolServerPingMs,
  limits.toolServerListMs,
  limits.toolServerRetryMs,
];
/** What takes seconds takes milliseconds: pings, pauses between lists, the wait before a new connection. */
const hurriedClock = {
  ...systemClock,
  after: (delay: number, run: () => void) =>
    systemClock.after(hurried.includes(delay) ? delay / 100 : delay, run),
};

async function started(
  row: OddRow,
  wire: Wire,
): Promise<{ readonly box: McpToolBox; readonly lines: LogLine[] }> {
  const { log, lines } = recordingLog();
  const http = wire === 'stdio' ? null : await startScriptedHttp(row.server, wire);
  if (http !== null) running.push(http);
  const settings =
    http === null
      ? { command: process.execPath, args: [scriptedProgram], env: { ...compileCache, ODD_ROW: row.name } }
      : { url: http.url };
  const box = startMcpToolBox(mcpServersSchema.parse({ odd: { ...settings, approval: 'never' } }), {
    clock: hurriedClock,
    log,
  });
  running.push(box);
  await box.settled();
  return { box, lines };
}

/** A model that asks for one tool; what it is told of the result. */
async function called(world: ActorWorld, name: string, argumentsJson: string) {
  const asking = await world.engine.nextCall();
  await asking.give({ type: 'tool-call', modelCallId: 'call_1', name: `odd__${name}`, argumentsJson });
  await asking.give({ type: 'finish', reason: 'tool-calls' });
  const told = await world.engine.nextCall();
  await told.give({ type: 'text', text: 'Done.' });
  await told.give({ type: 'finish', reason: 'stop' });
  return { offered: asking.request.tools.map((tool) => tool.name), result: told.request.toolResults.at(-1) };
}

const rows = oddRows.flatMap((row) =>
  (row.over ?? ['stdio', 'json', 'events']).map((wire): [string, OddRow, Wire] => [
    `${row.name}, ${wire}`,
    row,
    wire,
  ]),
);

it('the table has enough rows, each with its source', () => {
  expect(new Set(oddRows.map(({ name }) => name)).size).toBe(oddRows.length);
  expect(oddRows.filter(({ source }) => !source.startsWith('cases.md')).length).toBeGreaterThan(40);
});

describe.each(inTurn(rows, { oneIn: 3, seed: seedOfRun() }))('%s', (_title, row, wire) => {
  it('[MCP1] [MCP2] [MCP4] costs what it has to cost, and no more', async () => {
    const { box, lines } = await started(row, wire);
    if (row.lost !== undefined) {
      expect(lines.find(({ message }) => message === 'Tool server lost')?.text).toMatch(row.lost);
      expect(box.list()).toEqual([]);
      return;
    }
    const world = await actorWorld({ toolBox: box });
    const session = await world.createSession();
    await world.say(session, 'Look.');
    const { offered, result } = await called(world, row.calls ?? 'look', row.argumentsJson ?? '{}');
    expect(offered).toEqual((row.offered ?? ['look', 'seen']).map((name) => `odd__${name}`));

    // The model, people and the journal.
    await world.publisher.turnsEnded(1);
    expect(result?.failed).toBe(row.fails ?? false);
    if (typeof (row.told ?? 'fine') === 'string') expect(result?.result).toBe(row.told ?? 'fine');
    else expect(result?.result).toMatch(row.told ?? 'fine');
    const [stored] = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    expect(stored).toMatchObject({ status: row.fails ? 'failed' : 'completed', result: result?.result });
    const seen = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'tool.result' ? [shownData(event, limits.previewUnitsMax)] : [],
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ status: stored?.status, result: result?.result.slice(0, 2000) });

    // An ordinary question gets an ordinary answer.
    if (row.offered?.length !== 0) {
      if (row.reconnects) await reconnected(box, lines);
      await world.say(session, 'And what was asked for?');
      const { result: next } = await called(world, 'seen', '');
      await world.publisher.turnsEnded(2);
      expect(next).toMatchObject({ failed: false });
      const methods: string[] = JSON.parse(next?.result ?? '[]');
      for (const [method, count] of Object.entries(row.asked ?? {})) {
        expect(methods.filter((each) => each === method).length, method).toBe(count);
      }
      for (const [method, most] of Object.entries(row.askedMost ?? {})) {
        expect(methods.filter((each) => each === method).length, method).toBeLessThanOrEqual(most);
      }
    }
    const logged = [
      ...lines,
      ...world.logs.map(({ message, context }) => ({ message, text: JSON.stringify(context) })),
    ];
    for (const expected of row.logs ?? []) {
      expect(
        logged.filter(({ message, text }) => expected.test(`${message} ${text}`)),
        String(expected),
      ).toHaveLength(1);
    }
    expect(lines.some(({ message }) => message === 'Tool server lost')).toBe(row.reconnects ?? false);
  });
});

async function reconnected(box: McpToolBox, lines: readonly LogLine[]): Promise<void> {
  for (;;) {
    if (lines.some(({ message }) => message === 'Tool server lost')) {
      const outcome = await box.find('odd__seen')?.run({}, toolRun());
      if (outcome?.ok) return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
