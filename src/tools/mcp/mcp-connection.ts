/**
 * One connection to an MCP server, as long as it lives. It connects, asks for the
 * tools, asks again when the server says that they have changed, and says when the server is gone, and why.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ErrorCode, McpError, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Clock, Log } from '../../../actors/ports.ts';
import type { ToolServerEvent } from '../../../machines/tool-server.ts';
import { limits } from '../../../schema/limits.ts';
import { version } from '../../config/version.ts';
import {
  answeredSchema,
  type EdgeTransport,
  edgeTransport,
  type McpAnswer,
  type McpTransport,
} from './edge-transport.ts';
import { type ListedTool, toolPage } from './listed-tools.ts';
import type { McpServerOptions } from './mcp-server-options.ts';
import { mcpTransport } from './mcp-transport.ts';

export type McpConnectionOptions = {
  readonly server: McpServerOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells the log of something odd about the server, once. */
  readonly note: (problem: string) => void;
  /** Hears what is there now: the client and its tools, or that there is none. */
  readonly onChange: (connected: ConnectedMcp | null) => void;
  /** Hears of each connection's end; `closed` resolves when nothing of it is left, its program neither. */
  readonly onClosing: (closed: Promise<void>) => void;
};

export type ConnectedMcp = {
  readonly tools: readonly ListedTool[];
  /** Rejects when no answer came, in words. */
  readonly request: McpConnection['request'];
};

export type McpRequestOptions = {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly progress: number;
    readonly total?: number | undefined;
    readonly message?: string | undefined;
  }) => void;
};

export class McpConnection {
  readonly #options: McpConnectionOptions;
  readonly #tell: (event: ToolServerEvent) => void;
  readonly #client = new Client({ name: 'callboard', version });
  readonly #inner: McpTransport;
  readonly #transport: EdgeTransport;
  #over = false;
  #cancelPing: (() => void) | undefined;
  #cancelList: (() => void) | undefined;
  /** A list is being read, or was just now. */
  #isListing = false;
  #listAgain = false;
  #isProving = false;

  constructor(options: McpConnectionOptions, tell: (event: ToolServerEvent) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#inner = mcpTransport(options.server, options.clock, options.log);
    this.#transport = edgeTransport(this.#inner);
  }

  /** Never rejects. */
  async open(): Promise<void> {
    const { server, log } = this.#options;
    let isConnecting = true;
    let isClosed = false;
    this.#client.onclose = () => {
      isClosed = true;
      // Until it is connected the client closes it by itself, and then says why.
      if (!isConnecting) this.#lose('the connection was closed');
    };
    this.#client.onerror = (error) =>
      log.debug('Tool server connection', { server: server.name, error: error.message });
    this.#client.setNotificationHandler(ToolListChangedNotificationSchema, () => this.#list());
    try {
      await this.#client.connect(this.#transport, { timeout: limits.toolServerAnswerMs });
    } catch (cause) {
      this.#lose(messageOf(cause));
      return;
    }
    isConnecting = false;
    if (isClosed) this.#lose('the connection was closed');
    this.#list();
    this.#pingLater();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#over = true;
    this.#cancelPing?.();
    this.#cancelList?.();
    this.#options.onChange(null);
    try {
      await this.#client.close();
    } catch (cause) {
      this.#options.log.debug('A tool server could not be closed in order', { cause: messageOf(cause) });
    }
  }

  /** Whatever the server answers is an answer. When there is none it is asked at once whether it is still there. */
  async request(
    method: string,
    params: Record<string, unknown>,
    options: McpRequestOptions,
  ): Promise<McpAnswer> {
    const { signal, timeoutMs, onProgress } = options;
    // The SDK tells the server of every abort, also of calls that have ended: it gets a signal that ends with the call.
    const abort = new AbortController();
    const pass = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', pass, { once: true });
    if (signal?.aborted === true) pass();
    try {
      const { answer } = await this.#client.request({ method, params }, answeredSchema, {
        signal: abort.signal,
        timeout: timeoutMs,
        ...(onProgress === undefined ? {} : { onprogress: onProgress }),
      });
      return answer;
    } catch (cause) {
      if (abort.signal.aborted) throw cause;
      void this.#prove();
      throw new Error(messageOf(cause), { cause });
    } finally {
      signal?.removeEventListener('abort', pass);
    }
  }

  /** However often the tools change, they are read one time after the other, with a pause, and never more than needed. */
  #list(): void {
    if (this.#over) return;
    this.#listAgain = this.#isListing;
    if (this.#isListing) return;
    this.#isListing = true;
    void this.#readList().then(() => {
      if (this.#over) return;
      this.#cancelList = this.#options.clock.after(limits.toolServerListMs, () => {
        this.#isListing = false;
        if (this.#listAgain) this.#list();
      });
    });
  }

  /** Never rejects. */
  async #readList(): Promise<void> {
    try {
      const tools = await this.#allTools();
      if (this.#over) return;
      this.#options.onChange({ tools, request: (...asked) => this.request(...asked) });
      this.#tell({ type: 'server.listed', tools: tools.length });
    } catch (cause) {
      this.#lose(messageOf(cause));
    }
  }

  async #allTools(): Promise<readonly ListedTool[]> {
    const { note } = this.#options;
    const tools: ListedTool[] = [];
    const cursors = new Set<string>();
    let cursor: string | null = null;
    for (let page = 1; page <= limits.toolServerPagesMax; page++) {
      const answer = await this.request('tools/list', cursor === null ? {} : { cursor }, {
        timeoutMs: limits.toolServerAnswerMs,
      });
      if (!answer.ok) {
        note(`its tools cannot be listed: ${answer.message}`);
        return tools;
      }
      const { tools: more, problems, nextCursor } = toolPage(answer.result);
      tools.push(...more);
      for (const problem of problems) note(`a tool is left out, ${problem}`);
      if (tools.length > limits.toolServerToolsMax) {
        note(`it has too many tools; those after the first ${limits.toolServerToolsMax} are left out`);
        return tools.slice(0, limits.toolServerToolsMax);
      }
      if (nextCursor === null) return tools;
      if (cursors.has(nextCursor)) {
        note('its list of tools repeats itself and was ended');
        return tools;
      }
      cursors.add(nextCursor);
      cursor = nextCursor;
    }
    note(`its list of tools has more than ${limits.toolServerPagesMax} pages; the rest is left out`);
    return tools;
  }

  /** A program that hangs, or a server behind HTTP that has gone, closes nothing: it has to be asked. */
  #pingLater(): void {
    if (this.#over) return;
    this.#cancelPing = this.#options.clock.after(limits.toolServerPingMs, () => {
      void this.#prove().then(() => this.#pingLater());
    });
  }

  /** Any sign of the server counts, an error too: many do not know `ping`. Never rejects. */
  async #prove(): Promise<void> {
    if (this.#over || this.#isProving) return;
    this.#isProving = true;
    const heard = this.#transport.heard();
    try {
      await this.#client.request({ method: 'ping' }, answeredSchema, { timeout: limits.toolServerAnswerMs });
    } catch (cause) {
      if (this.#transport.heard() === heard) this.#lose(messageOf(cause));
    }
    this.#isProving = false;
  }

  #lose(error: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onChange(null);
    const why = this.#inner.failure();
    const reason = why === undefined || error.includes(why) ? error : `${error}: ${why}`;
    this.#options.log.warn('Tool server lost', { server: this.#options.server.name, error: reason });
    this.#tell({ type: 'server.lost', error: reason });
  }
}

/** Why no answer came. */
function messageOf(cause: unknown): string {
  if (cause instanceof McpError && cause.code === ErrorCode.RequestTimeout) return 'no answer came in time';
  return cause instanceof Error ? cause.message : String(cause);
}
