/**
 * One connection to an MCP server: an actor that lives as long as the connection does. It connects, asks for the
 * tools, asks again when the server says that they have changed, and says when the server is gone.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { type Tool as McpTool, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { fromCallback } from 'xstate';
import type { Clock, Log } from '../../../actors/ports.ts';
import type { ToolServerEvent, ToolServerInput } from '../../../machines/tool-server.ts';
import { limits } from '../../../schema/limits.ts';
import { version } from '../../config/version.ts';
import type { McpServerOptions } from './mcp-server-options.ts';
import { mcpTransport } from './mcp-transport.ts';

export type McpConnectionOptions = {
  readonly server: McpServerOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears what is there now: the client and its tools, or that there is none. */
  readonly onChange: (connected: ConnectedMcp | null) => void;
  /** Hears of each connection's end; `closed` resolves when nothing of it is left, its program neither. */
  readonly onClosing: (closed: Promise<void>) => void;
};

export type ConnectedMcp = {
  readonly client: Client;
  readonly tools: readonly McpTool[];
  /** To be called when a call shows that the server is gone. */
  readonly lost: (error: string) => void;
};

export function mcpConnection(options: McpConnectionOptions) {
  return fromCallback<ToolServerEvent, ToolServerInput>(({ sendBack }) => {
    const connection = new McpConnection(options, sendBack);
    void connection.open();
    return () => options.onClosing(connection.close());
  });
}

class McpConnection {
  readonly #options: McpConnectionOptions;
  readonly #tell: (event: ToolServerEvent) => void;
  readonly #client = new Client({ name: 'callboard', version });
  #over = false;
  #cancelPing: (() => void) | undefined;

  constructor(options: McpConnectionOptions, tell: (event: ToolServerEvent) => void) {
    this.#options = options;
    this.#tell = tell;
  }

  /** Never rejects. */
  async open(): Promise<void> {
    const { server, log } = this.#options;
    this.#client.onclose = () => this.#lose('the connection was closed');
    this.#client.onerror = (error) =>
      log.debug('Tool server connection', { server: server.name, error: error.message });
    this.#client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      void this.#list();
    });
    try {
      await this.#client.connect(mcpTransport(server, log), { timeout: limits.toolServerAnswerMs });
    } catch (cause) {
      this.#lose(messageOf(cause));
      return;
    }
    await this.#list();
    this.#pingLater();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#over = true;
    this.#cancelPing?.();
    this.#options.onChange(null);
    try {
      await this.#client.close();
    } catch (cause) {
      this.#options.log.debug('A tool server could not be closed in order', { cause: messageOf(cause) });
    }
  }

  async #list(): Promise<void> {
    try {
      const tools = await this.#allTools();
      if (this.#over) return;
      this.#options.onChange({ client: this.#client, tools, lost: (error) => this.#lose(error) });
      this.#tell({ type: 'server.listed', tools: tools.length });
    } catch (cause) {
      this.#lose(messageOf(cause));
    }
  }

  async #allTools(): Promise<readonly McpTool[]> {
    if (this.#client.getServerCapabilities()?.tools === undefined) return [];
    const tools: McpTool[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#client.listTools(cursor === undefined ? {} : { cursor }, {
        timeout: limits.toolServerAnswerMs,
      });
      tools.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined && tools.length <= limits.toolServerToolsMax);
    if (tools.length > limits.toolServerToolsMax) {
      this.#options.log.warn('A tool server has too many tools; the rest is left out', {
        server: this.#options.server.name,
        most: limits.toolServerToolsMax,
      });
    }
    return tools.slice(0, limits.toolServerToolsMax);
  }

  /** A program that hangs, or a server behind HTTP that has gone, closes nothing: it has to be asked. */
  #pingLater(): void {
    if (this.#over) return;
    this.#cancelPing = this.#options.clock.after(limits.toolServerPingMs, () => {
      this.#client.ping({ timeout: limits.toolServerAnswerMs }).then(
        () => this.#pingLater(),
        (cause: unknown) => this.#lose(messageOf(cause)),
      );
    });
  }

  #lose(error: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onChange(null);
    this.#options.log.warn('Tool server lost', { server: this.#options.server.name, error });
    this.#tell({ type: 'server.lost', error });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
