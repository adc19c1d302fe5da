/** One MCP server and its tools, as long as the process lives: connected again whenever it is lost. */
import {
  CallToolResultSchema,
  ErrorCode,
  McpError,
  type Tool as McpTool,
} from '@modelcontextprotocol/sdk/types.js';
import { createActor } from 'xstate';
import { z } from 'zod';
import type { Clock, Log, Tool, ToolRun } from '../../../actors/ports.ts';
import { toolServerMachine } from '../../../machines/tool-server.ts';
import type { JsonObject } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { type ConnectedMcp, mcpConnection } from './mcp-connection.ts';
import { mcpOutcome } from './mcp-result.ts';
import type { McpServerOptions } from './mcp-server-options.ts';

export type McpServer = {
  readonly name: string;
  /** Its tools right now; none while it is not connected. */
  readonly tools: () => readonly Tool[];
  /** Resolves when its tools are known, or when the first attempt to connect has failed. */
  readonly settled: Promise<void>;
  /** Resolves when its tools have changed, or it was lost. */
  readonly nextChange: () => Promise<void>;
  /** Resolves when nothing of it is left, its program neither. */
  readonly stop: () => Promise<void>;
};

/** Starts to connect at once. */
export function startMcpServer(options: McpServerOptions, ports: { clock: Clock; log: Log }): McpServer {
  const { log } = ports;
  let tools: readonly Tool[] = [];
  let waiting: (() => void)[] = [];
  const settled = Promise.withResolvers<void>();
  let closed = Promise.resolve();
  const connection = mcpConnection({
    server: options,
    ...ports,
    onChange: (connected) => {
      tools = connected === null ? [] : toolsOf(options, connected, log);
      for (const resolve of waiting.splice(0)) resolve();
    },
    onClosing: (closing) => {
      closed = closing;
    },
  });
  const actor = createActor(toolServerMachine.provide({ actors: { connection } }), {
    id: `toolServer.${options.name}`,
    input: { name: options.name },
  });
  actor.subscribe({
    next: (snapshot) => {
      if (!snapshot.matches({ connected: 'connecting' })) settled.resolve();
    },
    error: (cause) => log.error('Tool server actor failed', { server: options.name, cause }),
  });
  actor.start();
  return {
    name: options.name,
    tools: () => tools,
    settled: settled.promise,
    nextChange: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => {
      waiting = [];
      actor.stop();
      settled.resolve();
      return closed;
    },
  };
}

const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

function toolsOf(server: McpServerOptions, connected: ConnectedMcp, log: Log): readonly Tool[] {
  const byName = new Map<string, Tool>();
  for (const tool of connected.tools) {
    const name = mcpToolName(server.name, tool.name);
    if (name === undefined || byName.has(name)) {
      log.warn('A tool is left out: its name is too long, or like another', {
        server: server.name,
        tool: tool.name,
      });
    } else {
      byName.set(name, toolOf(name, tool, server, connected));
    }
  }
  return [...byName.values()];
}

function toolOf(name: string, tool: McpTool, server: McpServerOptions, connected: ConnectedMcp): Tool {
  const isReadOnly = tool.annotations?.readOnlyHint === true;
  return {
    name,
    description: cutText(tool.description ?? tool.title ?? tool.name, limits.toolDescriptionUnitsMax),
    inputSchema: jsonObjectSchema.parse(tool.inputSchema),
    requiresApproval: server.approval === 'always' || (server.approval === 'unlessReadOnly' && !isReadOnly),
    repeatable: isReadOnly || tool.annotations?.idempotentHint === true,
    timeoutMs: server.timeoutMs,
    run: (input, run) => callTool(tool.name, input, run, server, connected),
  };
}

async function callTool(
  name: string,
  input: JsonObject,
  { signal, progress }: ToolRun,
  server: McpServerOptions,
  { client, lost }: ConnectedMcp,
): Promise<Outcome<unknown>> {
  try {
    const params = { name, arguments: { ...input } };
    const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema, {
      signal,
      // The tool actor keeps the time; this is what follows if it should not.
      timeout: server.timeoutMs + limits.toolServerAnswerMs,
      onprogress: ({ progress: done, total, message }) =>
        progress({
          done,
          ...(total === undefined ? {} : { total }),
          ...(message === undefined ? {} : { message }),
        }),
    });
    return mcpOutcome(result);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (isServersAnswer(cause)) return refused(refusal('bad_request', message));
    lost(message);
    return refused(refusal('unavailable', `The tool server ${server.name} is gone: ${message}`));
  }
}

/** An error that the server itself told: it is alive, and the call was at fault. */
function isServersAnswer(cause: unknown): boolean {
  return (
    cause instanceof McpError &&
    cause.code !== ErrorCode.ConnectionClosed &&
    cause.code !== ErrorCode.RequestTimeout
  );
}

/**
 * What a model calls the tool of a server: `server__tool`, in the letters that every provider accepts. `undefined`
 * when the name is longer than providers accept: two names that are cut could become one.
 */
function mcpToolName(server: string, tool: string): string | undefined {
  const name = `${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, '_');
  return name.length <= limits.toolNameUnitsMax ? name : undefined;
}
