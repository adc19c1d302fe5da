/** The tools of all configured MCP servers, as they are right now. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log } from '../../../actors/ports.ts';
import type { Tool, ToolBox } from '../../../actors/tool-ports.ts';
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
  /**
   * Starts the servers that are new or have other settings now, and stops those that are gone, each once its calls under
   * way have ended: no more begin. The others go on as they are.
   */
  readonly change: (servers: McpServers) => void;
  /** Ends the programs that were started, and the connections. */
  readonly stop: () => Promise<void>;
};

type McpServers = Readonly<Record<string, McpServerSettings>>;

/** Starts to connect at once; a server that cannot be reached is tried again for as long as the process lives. */
export function startMcpToolBox(
  servers: McpServers,
  ports: { readonly clock: Clock; readonly log: Log },
): McpToolBox {
  const start = (wanted: McpServers): readonly RunningServer[] =>
    Object.entries(wanted)
      .filter(([, { disabled }]) => !disabled)
      .map(([name, settings]) => {
        const known = running.find(
          ({ server, made }) => server.name === name && isDeepStrictEqual(made, settings),
        );
        return known ?? { made: settings, server: startMcpServer(serverOptions(name, settings), ports) };
      });
  let running: readonly RunningServer[] = [];
  running = start(servers);
  /** Those that only end their calls. */
  const leaving = new Set<McpServer>();
  /** `a__b` + `c` and `a` + `b__c` are one name: the server that comes first has it. */
  const byName = (): ReadonlyMap<string, Tool> =>
    new Map(
      running
        .flatMap(({ server }) => server.tools())
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
        void Promise.all(running.map(({ server }) => server.settled)).then(() => {
          cancel();
          resolve();
        });
      }),
    change: (wanted) => {
      const before = running;
      running = start(wanted);
      for (const { server } of before) {
        if (running.some((other) => other.server === server)) continue;
        leaving.add(server);
        void server.retire().finally(() => leaving.delete(server));
      }
    },
    stop: async () => {
      await Promise.all([...running.map(({ server }) => server), ...leaving].map((server) => server.stop()));
    },
  };
}

type RunningServer = { readonly made: McpServerSettings; readonly server: McpServer };

function serverOptions(name: string, settings: McpServerSettings): McpServerOptions {
  const { approval, trusted, timeoutMs } = settings;
  switch (settings.type) {
    case 'stdio': {
      const { command, args, env, cwd } = settings;
      return { name, approval, trusted, timeoutMs, endpoint: { kind: 'stdio', command, args, env, cwd } };
    }
    case 'http': {
      const { url, headers } = settings;
      return { name, approval, trusted, timeoutMs, endpoint: { kind: 'http', url, headers } };
    }
    default:
      return unreachable(settings);
  }
}
