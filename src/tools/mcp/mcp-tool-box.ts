/** The tools of all configured MCP servers, as they are right now. */
import type { Clock, Log, Tool, ToolBox } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { McpServerSettings } from '../../config/engine-settings.ts';
import { type McpServer, startMcpServer } from './mcp-server.ts';
import type { McpServerOptions } from './mcp-server-options.ts';

export type McpToolBox = ToolBox & {
  /** Whose tools have such names, in words, whether the server is there or not; `null`: no server's. */
  readonly serverOf: (name: string) => string | null;
  /** Resolves when every server has told its tools or could not be reached at first, at the latest after `toolServerStartMs`. */
  readonly settled: () => Promise<void>;
  /** Ends the programs that were started, and the connections. */
  readonly stop: () => Promise<void>;
};

/** Starts to connect at once; a server that cannot be reached is tried again for as long as the process lives. */
export function startMcpToolBox(
  servers: Readonly<Record<string, McpServerSettings>>,
  ports: { readonly clock: Clock; readonly log: Log },
): McpToolBox {
  const running: readonly McpServer[] = Object.entries(servers)
    .filter(([, { disabled }]) => !disabled)
    .map(([name, settings]) => startMcpServer(serverOptions(name, settings), ports));
  /** `a__b` + `c` and `a` + `b__c` are one name: the server that comes first has it. */
  const byName = (): ReadonlyMap<string, Tool> =>
    new Map(
      running
        .flatMap((server) => server.tools())
        .toReversed()
        .map((tool) => [tool.name, tool]),
    );
  return {
    list: () => [...byName().values()].toReversed(),
    find: (name) => byName().get(name),
    serverOf: (name) => {
      const server = Object.keys(servers).find((one) => name.startsWith(`${one}__`));
      return server === undefined ? null : `a tool of the tool server ${server}`;
    },
    settled: () =>
      new Promise((resolve) => {
        const cancel = ports.clock.after(limits.toolServerStartMs, resolve);
        void Promise.all(running.map((server) => server.settled)).then(() => {
          cancel();
          resolve();
        });
      }),
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
    },
  };
}

function serverOptions(name: string, settings: McpServerSettings): McpServerOptions {
  const { approval, timeoutMs } = settings;
  switch (settings.type) {
    case 'stdio': {
      const { command, args, env, cwd } = settings;
      return { name, approval, timeoutMs, endpoint: { kind: 'stdio', command, args, env, cwd } };
    }
    case 'http': {
      const { url, headers } = settings;
      return { name, approval, timeoutMs, endpoint: { kind: 'http', url, headers } };
    }
    default:
      return unreachable(settings);
  }
}
