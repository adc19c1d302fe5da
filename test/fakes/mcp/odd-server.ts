/**
 * An MCP server over standard input and output that misbehaves on request: it is started as a program of its own.
 * `ODD_SERVER=silent` never answers at all.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'odd', version: '1.0.0' });
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

server.registerTool('grow', { description: 'Adds the tool `late` while the server runs' }, () => {
  server.registerTool(
    'late',
    { description: 'Was not there at first', annotations: { readOnlyHint: true } },
    () => said('here I am'),
  );
  return said('grown');
});
server.registerTool('die', { description: 'Ends the program without an answer' }, () => process.exit(3));
server.registerTool('pid', { description: 'Tells the process' }, () => said(String(process.pid)));
server.registerTool('throw', { description: 'Fails' }, () => {
  throw new Error('thrown on purpose');
});
server.registerTool(
  'large',
  { description: 'Answers with many characters', inputSchema: { units: z.number() } },
  ({ units }) => said('x'.repeat(units)),
);
server.registerTool('environment', { description: 'Tells the names of its variables' }, () =>
  said(Object.keys(process.env).join(' ')),
);

if (process.env['ODD_SERVER'] === 'silent') process.stdin.resume();
else await server.connect(new StdioServerTransport());
