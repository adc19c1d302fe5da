/** Tool servers whose settings change while they run. Method: the protocol's reference server, in several programs. */
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { mcpServersSchema } from '../../../../src/config/engine-settings.ts';
import { type McpToolBox, startMcpToolBox } from '../../../../src/tools/mcp/mcp-tool-box.ts';
import { toolRun } from '../../../fakes/tool-run.ts';
import { everythingProgram, recordingLog } from './mcp-servers.ts';

let box: McpToolBox | undefined;
afterEach(() => box?.stop());

const program = (env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [everythingProgram],
  env,
  approval: 'never',
});
const servers = (given: object) => mcpServersSchema.parse(given);

function toolNamed(name: string) {
  const tool = box?.find(name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  return tool;
}

async function listed(names: readonly string[]): Promise<void> {
  const wanted = names.join();
  const servers = () => [...new Set(box?.list().map(({ name }) => name.split('__')[0]))].sort().join();
  while (servers() !== wanted) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('[EDT17] starts and stops only the servers that changed, and lets calls end', async () => {
  const { log, lines } = recordingLog();
  box = startMcpToolBox(servers({ same: program(), changed: program({ A: '1' }), gone: program() }), {
    clock: systemClock,
    log,
  });
  await box.settled();
  await listed(['changed', 'gone', 'same']);
  const kept = toolNamed('same__echo');
  const replaced = toolNamed('changed__echo');
  const long = toolNamed('gone__trigger-long-running-operation');
  const told = Promise.withResolvers<void>();
  const call = long.run({ duration: 1, steps: 4 }, toolRun({ progress: () => told.resolve() }));
  await told.promise;
  box.change(servers({ same: program(), changed: program({ A: '2' }), added: program() }));
  // No call of it begins any more.
  expect(box.find('gone__echo')).toBeUndefined();
  await listed(['added', 'changed', 'same']);
  expect(toolNamed('same__echo')).toBe(kept);
  expect(toolNamed('changed__echo')).not.toBe(replaced);
  expect(await call).toMatchObject({ ok: true });
  box.change(servers({ same: { ...program(), disabled: true } }));
  expect(box.list()).toEqual([]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
}, 60_000);
