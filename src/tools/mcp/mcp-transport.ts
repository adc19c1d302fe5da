/** How an MCP server is reached. */
import type { Clock, Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { McpTransport } from './edge-transport.ts';
import { httpTransport } from './http-transport.ts';
import type { McpServerOptions } from './mcp-server-options.ts';
import { StdioTransport } from './stdio-transport.ts';

/** Not started yet: a client does that. What a program writes to its standard error is logged. */
export function mcpTransport({ name, endpoint }: McpServerOptions, clock: Clock, log: Log): McpTransport {
  switch (endpoint.kind) {
    case 'stdio':
      return new StdioTransport(endpoint, clock, (words) =>
        log.debug('Tool server says', { server: name, text: cutText(words.trim(), limits.toolNoteUnitsMax) }),
      );
    case 'http':
      return httpTransport(endpoint);
    default:
      return unreachable(endpoint);
  }
}
