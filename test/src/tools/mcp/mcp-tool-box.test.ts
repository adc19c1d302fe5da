/** Tool servers whose settings change while they run. Method: the protocol's reference server and scripted ones, as programs. */
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { mcpServersSchema } from '../../../../src/config/engine-settings.ts';
import { type McpToolBox, startMcpToolBox } from '../../../../src/tools/mcp/mcp-tool-box.ts';
import { oddRows } from '../../../fakes/mcp/rows/all.ts';
import { toolRun } from '../../../fakes/tool-run.ts';
import { everythingProgram, recordingLog, scriptedProgram } from './mcp-servers.ts';

let box: McpToolBox | undefined;
afterEach(() => box?.stop());

const program = (path: string, env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [path],
  env,
  approval: 'never',
  trusted: false,
});
const everything = program(everythingProgram);
const scripted = (version: string) =>
  program(scriptedProgram, { ODD_ROW: oddRows[0]?.name ?? '', VERSION: version });
const servers = (given: object) => mcpServersSchema.parse(given);

function toolNamed(name: string) {
  const tool = box?.find(name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  return tool;
}

/** How many calls the program has got, this one counted. */
async function calls(name: string): Promise<number> {
  return JSON.stringify(await toolNamed(name).run({}, toolRun())).split('tools/call').length - 1;
}

async function listed(names: readonly string[]): Promise<void> {
  const wanted = names.join();
  const servers = () => [...new Set(box?.list().map(({ name }) => name.split('__')[0]))].sort().join();
  while (servers() !== wanted) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('[EDT17] starts and stops only the servers that changed, and lets calls end', async () => {
  const { log, lines } = recordingLog();
  box = startMcpToolBox(servers({ same: scripted('1'), changed: scripted('1'), gone: everything }), {
    clock: systemClock,
    log,
  });
  await box.settled();
  await listed(['changed', 'gone', 'same']);
  for (const name of ['same__seen', 'changed__seen']) expect(await calls(name)).toBe(1);
  const long = toolNamed('gone__trigger-long-running-operation');
  const told = Promise.withResolvers<void>();
  const call = long.run({ duration: 1, steps: 4 }, toolRun({ progress: () => told.resolve() }));
  await told.promise;
  box.change(servers({ same: scripted('1'), changed: scripted('2'), added: scripted('1') }));
  // No call of it begins any more.
  expect(box.find('gone__echo')).toBeUndefined();
  await listed(['added', 'changed', 'same']);
  // Both programs remember what they were asked.
  expect(await calls('same__seen')).toBe(2);
  expect(await calls('changed__seen')).toBe(1);
  expect(await call).toMatchObject({ ok: true });
  box.change(servers({ same: { ...scripted('1'), disabled: true } }));
  expect(box.list()).toEqual([]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
}, 60_000);
