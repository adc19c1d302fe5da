/** One MCP server and its tools, as long as the process lives: connected again whenever it is lost. */
import { createActor } from 'xstate';
import type { Clock, Log } from '../../../actors/ports.ts';
import type { Tool } from '../../../actors/tool-ports.ts';
import { toolServerMachine } from '../../../machines/tool-server.ts';
import type { JsonSchemaObject } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { refusal, refused } from '../../../schema/refusal.ts';
import type { ListedTool } from './listed-tools.ts';
import { callTool } from './mcp-call.ts';
import { mcpConnection } from './mcp-connecting.ts';
import type { ConnectedMcp } from './mcp-connection.ts';
import type { McpServerOptions } from './mcp-server-options.ts';

export type McpServer = {
  readonly name: string;
  /** Its tools right now. Those of a server that was lost say for a while that they can be tried again. */
  readonly tools: () => readonly Tool[];
  /** Resolves when its tools are known, or when the first attempt to connect has failed. */
  readonly settled: Promise<void>;
  /** Resolves when its tools have changed, or it was lost. */
  readonly nextChange: () => Promise<void>;
  /** Resolves when nothing of it is left, its program neither. */
  readonly stop: () => Promise<void>;
  /** Stops once the calls under way have ended, each of which has a time limit. */
  readonly retire: () => Promise<void>;
};

/** Starts to connect at once. */
export function startMcpServer(options: McpServerOptions, ports: { clock: Clock; log: Log }): McpServer {
  const { clock, log } = ports;
  let tools: readonly Tool[] = [];
  let isConnected = false;
  let cancelForgetting: () => void = () => {};
  let waiting: (() => void)[] = [];
  const settled = Promise.withResolvers<void>();
  let closed = Promise.resolve();
  let calls = 0;
  let callsEnded = () => {};
  const counted = (tool: Tool): Tool => ({
    ...tool,
    run: async (input, run) => {
      calls++;
      try {
        return await tool.run(input, run);
      } finally {
        calls--;
        if (calls === 0) callsEnded();
      }
    },
  });
  const note = noteOnce(options.name, log);
  const schemas = keptSchemas();

  function changed(next: readonly Tool[]): void {
    tools = next;
    for (const resolve of waiting.splice(0)) resolve();
  }

  const connection = mcpConnection({
    server: options,
    ...ports,
    note,
    onChange: (connected) => {
      if (connected !== null) {
        cancelForgetting();
        isConnected = true;
        changed(toolsOf(options, connected, schemas, note).map(counted));
      } else if (isConnected) {
        isConnected = false;
        changed(tools.map((tool) => reconnecting(tool, options.name)));
        cancelForgetting = clock.after(limits.toolServerRememberedMs, () => changed([]));
      }
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
  const stop = (): Promise<void> => {
    waiting = [];
    actor.stop();
    cancelForgetting();
    tools = [];
    settled.resolve();
    return closed;
  };
  return {
    name: options.name,
    tools: () => tools,
    settled: settled.promise,
    nextChange: () => new Promise((resolve) => waiting.push(resolve)),
    stop,
    retire: async () => {
      if (calls > 0) {
        await new Promise<void>((resolve) => {
          callsEnded = resolve;
        });
      }
      await stop();
    },
  };
}

/** A server may say the same odd thing a thousand times; the log hears it once. */
function noteOnce(server: string, log: Log): (problem: string) => void {
  const told = new Set<string>();
  return (problem) => {
    if (told.has(problem) || told.size >= limits.toolServerNotesMax) return;
    told.add(problem);
    log.warn('A tool server is odd', { server, problem });
  };
}

/** A schema that has not changed stays the same object, so that it is compiled, and complained about, once. */
function keptSchemas(): (tool: ListedTool) => JsonSchemaObject {
  const kept = new Map<string, { readonly json: string; readonly schema: JsonSchemaObject }>();
  return ({ name, inputSchema }) => {
    const json = JSON.stringify(inputSchema);
    const known = kept.get(name);
    if (known?.json === json) return known.schema;
    if (kept.size >= limits.toolServerToolsMax) kept.clear();
    kept.set(name, { json, schema: inputSchema });
    return inputSchema;
  };
}

function toolsOf(
  server: McpServerOptions,
  connected: ConnectedMcp,
  schemaOf: (tool: ListedTool) => JsonSchemaObject,
  note: (problem: string) => void,
): readonly Tool[] {
  const byName = new Map<string, Tool>();
  for (const tool of connected.tools) {
    const name = mcpToolName(server.name, tool.name);
    if (name === undefined || byName.has(name)) {
      note(
        `a tool is left out, its name is too long, or like another: ${cutText(tool.name, limits.toolNoteUnitsMax)}`,
      );
    } else {
      byName.set(name, toolOf(name, { ...tool, inputSchema: schemaOf(tool) }, server, connected));
    }
  }
  return [...byName.values()];
}

function toolOf(name: string, tool: ListedTool, server: McpServerOptions, connected: ConnectedMcp): Tool {
  const isReadOnly = server.trusted && tool.isReadOnly;
  return {
    name,
    description: cutText(tool.description, limits.toolDescriptionUnitsMax),
    inputSchema: tool.inputSchema,
    requiresApproval: server.approval === 'always' || (server.approval === 'unlessReadOnly' && !isReadOnly),
    repeatable: isReadOnly || tool.isIdempotent,
    timeoutMs: server.timeoutMs,
    run: (input, run) => callTool(tool.name, input, run, server, connected),
  };
}

/** A tool whose server is being connected again. */
function reconnecting(tool: Tool, server: string): Tool {
  return {
    ...tool,
    run: async () => refused(refusal('unavailable', `The tool server ${server} is reconnecting, try again`)),
  };
}

/**
 * What a model calls the tool of a server: `server__tool`, in the letters that every provider accepts. `undefined`
 * when the name is longer than providers accept: two names that are cut could become one.
 */
function mcpToolName(server: string, tool: string): string | undefined {
  const name = `${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, '_');
  return name.length <= limits.toolNameUnitsMax ? name : undefined;
}
