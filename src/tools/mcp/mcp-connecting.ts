/**
 * The actor of one connection to an MCP server; it lives as long as the connection does. The SDK behind it is large: it is
 * loaded for the first server, so that a start without servers is quick.
 */
import { fromCallback } from 'xstate';
import type { ToolServerEvent, ToolServerInput } from '../../../machines/tool-server.ts';
import type { McpConnection, McpConnectionOptions } from './mcp-connection.ts';

export function mcpConnection(options: McpConnectionOptions) {
  return fromCallback<ToolServerEvent, ToolServerInput>(({ sendBack }) => {
    let isStopped = false;
    let connection: McpConnection | undefined;
    const open = async (): Promise<void> => {
      const { McpConnection } = await import('./mcp-connection.ts');
      if (isStopped) return;
      connection = new McpConnection(options, sendBack);
      await connection.open();
    };
    open().catch((cause: unknown) => sendBack({ type: 'server.lost', error: String(cause) }));
    return () => {
      isStopped = true;
      options.onClosing(connection?.close() ?? Promise.resolve());
    };
  });
}
