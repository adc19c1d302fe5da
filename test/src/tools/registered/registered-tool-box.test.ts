/** The tool box of registered tools: which addresses and names it takes, and what stays the same object. */
import { expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import type { McpServerSettings } from '../../../../src/config/engine-settings.ts';
import { startMcpToolBox } from '../../../../src/tools/mcp/mcp-tool-box.ts';
import { registeredToolBox } from '../../../../src/tools/registered/registered-tool-box.ts';
import { remoteCalls } from '../../../../src/tools/registered/remote-call.ts';
import { exampleTool } from '../../../fakes/example-tool.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

function box(privateNetworks: readonly string[] = []) {
  const calls = remoteCalls({ clock: systemClock, random: Math.random, privateNetworks });
  return registeredToolBox({ calls, key: Buffer.alloc(32), clock: systemClock, holderOf: () => null });
}

it.each([
  ['example.org/tools', 'it is no http or https URL'],
  ['file:///etc/passwd', 'it is no http or https URL'],
  ['javascript:alert(1)', 'it is no http or https URL'],
  ['https://user:word@example.org/', 'it must not have a user or a password'],
  ['https://example.org/#part', 'it must not have a fragment'],
  ['http://127.0.0.1:3000/', '127.0.0.1 is not a public address'],
  ['http://2130706433/', '127.0.0.1 is not a public address'],
  ['http://0177.0.0.1/', '127.0.0.1 is not a public address'],
  ['http://[::ffff:10.0.0.1]/', 'is not a public address'],
  ['http://[fd00::1]/', 'fd00::1 is not a public address'],
])('[RTL9] [RTL14] an address that cannot be called is known at once: %s', (url, problem) => {
  expect(box().addressProblem(url)).toContain(problem);
});

it('[RTL9] any other address can be called, as far as is known', () => {
  for (const url of ['https://example.org/a?b=c', 'http://tools.internal:8080/', 'http://8.8.8.8/']) {
    expect(box().addressProblem(url)).toBeNull();
  }
  expect(box(['10.0.0.0/8']).addressProblem('http://10.1.2.3/')).toBeNull();
});

it('[RTL5] what has not changed stays the same tool', () => {
  const tools = box();
  const other = { ...exampleTool, name: 'storm' };
  tools.offer([exampleTool, other, { ...exampleTool, name: 'asleep', active: false }]);
  const [storm, weather] = [tools.find('storm'), tools.find('weather')];
  tools.offer([{ ...exampleTool, description: 'Another' }, other]);
  expect(tools.find('storm')).toBe(storm);
  expect(tools.find('weather')).not.toBe(weather);
  expect(tools.list().map(({ name }) => name)).toEqual(['weather', 'storm']);
});

it('[RTL2] a name that a configured tool server could have belongs to it, even while it is disabled', async () => {
  const server: McpServerSettings = {
    type: 'stdio',
    command: 'none',
    args: [],
    env: {},
    disabled: true,
    approval: 'never',
    trusted: false,
    timeoutMs: 1,
  };
  const mcp = startMcpToolBox({ files: server }, { clock: systemClock, log: silentLog });
  expect(mcp.serverOf('files__read')).toBe('a tool of the tool server files');
  expect([mcp.serverOf('files_read'), mcp.serverOf('other__read')]).toEqual([null, null]);
  await mcp.stop();
});
