/** How an MCP server is reached. */
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { McpServerOptions } from './mcp-server-options.ts';

/** Not started yet: a client does that. What a program writes to its standard error is logged. */
export function mcpTransport({ name, endpoint }: McpServerOptions, log: Log): Transport {
  switch (endpoint.kind) {
    case 'stdio': {
      const transport = new StdioClientTransport({
        command: endpoint.command,
        args: [...endpoint.args],
        env: { ...getDefaultEnvironment(), ...endpoint.env },
        stderr: 'pipe',
        maxBufferSize: limits.toolServerMessageBytesMax,
        ...(endpoint.cwd === undefined ? {} : { cwd: endpoint.cwd }),
      });
      transport.stderr?.on('data', (chunk: Buffer) => {
        const text = chunk.toString('utf8').trim();
        if (text !== '')
          log.debug('Tool server says', { server: name, text: cutText(text, limits.toolNoteUnitsMax) });
      });
      return transport;
    }
    case 'http':
      return widened(
        new StreamableHTTPClientTransport(new URL(endpoint.url), {
          requestInit: { headers: endpoint.headers },
        }),
      );
    default:
      return unreachable(endpoint);
  }
}

/** The SDK's class declares `sessionId` in a way that its own interface does not accept under exact optional types. */
function widened(transport: Omit<Transport, 'sessionId'>): Transport {
  return transport;
}
