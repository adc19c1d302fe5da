/** One call of a tool of an MCP server. */
import type { ToolRun } from '../../../actors/tool-ports.ts';
import type { JsonObject } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { exactArguments } from './exact-arguments.ts';
import type { ConnectedMcp } from './mcp-connection.ts';
import { mcpFiles } from './mcp-files.ts';
import { mcpOutcome } from './mcp-result.ts';
import type { McpServerOptions } from './mcp-server-options.ts';

/** Rejects when `run.signal` aborts. */
export async function callTool(
  name: string,
  input: JsonObject,
  { signal, progress, argumentsJson, attach }: ToolRun,
  server: McpServerOptions,
  connected: ConnectedMcp,
): Promise<Outcome<unknown>> {
  const exact = exactArguments(input, argumentsJson);
  if (!exact.ok) return exact;
  try {
    const answer = await connected.request(
      'tools/call',
      { name, arguments: exact.value },
      {
        signal,
        // The tool actor keeps the time; this is what follows if it should not.
        timeoutMs: server.timeoutMs + limits.toolServerAnswerMs,
        onProgress: ({ progress: done, total, message }) =>
          progress({
            done,
            ...(total === undefined ? {} : { total }),
            ...(message === undefined ? {} : { message }),
          }),
      },
    );
    if (!answer.ok) return refused(refusal('bad_request', answer.message));
    for (const file of mcpFiles(answer.result)) await attach(file);
    return mcpOutcome(answer.result);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return refused(refusal('unavailable', `The tool server ${server.name} did not answer: ${message}`));
  }
}
