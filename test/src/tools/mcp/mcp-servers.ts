/** MCP servers to test against: the reference servers as their packages have them, and an odd one of our own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Log, LogLine as LogLineOf } from '../../../../actors/ports.ts';
import type { Tool } from '../../../../actors/tool-ports.ts';
import { systemClock } from '../../../../src/clock.ts';
import { type McpServer, startMcpServer } from '../../../../src/tools/mcp/mcp-server.ts';
import type { McpServerOptions } from '../../../../src/tools/mcp/mcp-server-options.ts';
import { compileCache } from '../../../processes/compile-cache.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
export const everythingProgram = at('node_modules/@modelcontextprotocol/server-everything/dist/index.js');
/** For `mcpServers` of a config file. */
export const everythingServer = {
  command: process.execPath,
  args: [everythingProgram, 'stdio'],
  env: compileCache,
  approval: 'never',
};
export const filesystemProgram = at('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');
export const scriptedProgram = at('test/fakes/mcp/scripted-program.ts');
export const oddProgram = at('test/fakes/mcp/odd-server.ts');

export function stdio(
  name: string,
  args: readonly string[],
  changes: { readonly env?: Readonly<Record<string, string>>; readonly command?: string } = {},
): McpServerOptions {
  const { env = {}, command = process.execPath } = changes;
  return {
    name,
    approval: 'never',
    trusted: false,
    timeoutMs: 10_000,
    endpoint: { kind: 'stdio', command, args, env: { ...compileCache, ...env }, cwd: undefined },
  };
}

export type LogLine = { readonly level: keyof Log; readonly message: string; readonly text: string };

/** `text`: the values of the context, a line each. */
export function recordingLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const line =
    (level: keyof Log): LogLineOf =>
    (message, context = {}) =>
      void lines.push({ level, message, text: Object.values(context).map(String).join('\n') });
  const log: Log = {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  return { log, lines };
}

export function startServer(options: McpServerOptions): McpServer & { readonly lines: readonly LogLine[] } {
  const { log, lines } = recordingLog();
  return { ...startMcpServer(options, { clock: systemClock, log }), lines };
}

export function toolOf(server: McpServer, name: string): Tool {
  const tool = server.tools().find((each) => each.name === `${server.name}__${name}`);
  if (tool === undefined) throw new Error(`${server.name} has no tool ${name}`);
  return tool;
}

/** Resolves when `server` has tools, or none, as `wanted` says. */
export async function untilTools(
  server: McpServer,
  wanted: (names: readonly string[]) => boolean,
): Promise<void> {
  while (!wanted(server.tools().map(({ name }) => name))) await server.nextChange();
}

/** The reference server over streamable HTTP. */
export async function startEverythingOverHttp(): Promise<{
  readonly url: string;
  readonly stop: () => Promise<void>;
}> {
  const port = await freePort();
  const child = spawn(process.execPath, [everythingProgram, 'streamableHttp'], {
    env: { PATH: process.env['PATH'], PORT: String(port), ...compileCache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    void ended.then(() => reject(new Error('the reference server ended')));
    const listen = (chunk: Buffer) => {
      if (chunk.toString().includes(String(port))) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
  });
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The reference server takes a number and no 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}
