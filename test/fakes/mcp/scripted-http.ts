/** A scripted tool server behind HTTP: streamable HTTP, answering in JSON or in event streams. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { conversation, type HttpReply, type Script } from './scripted-server.ts';

export type ScriptedHttp = { readonly url: string; readonly stop: () => Promise<void> };

export async function startScriptedHttp(script: Script, form: 'json' | 'events'): Promise<ScriptedHttp> {
  const answer = conversation(script);
  let count = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { asked, messages } = request.method === 'POST' ? answer(body) : { asked: null, messages: [] };
    const own = script.http?.(request.method ?? '', asked, ++count, body) ?? null;
    if (own !== null) send(response, own);
    else if (request.method !== 'POST') send(response, { status: 405 });
    else if (asked === null) send(response, { status: 202 });
    else send(response, form === 'json' ? asJson(messages) : asEvents(messages));
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, headers = {}, body = '', after }: HttpReply): void {
  response.writeHead(status, headers);
  if (after === undefined) response.end(body);
  else response.write(body, () => (after === 'breaks' ? response.destroy() : undefined));
}

function asJson(messages: readonly string[]): HttpReply {
  const body = messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(',')}]`;
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

export function asEvents(messages: readonly string[]): HttpReply {
  const body = messages.map((message) => `event: message\ndata: ${message}\n\n`).join('');
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: `: hello\n\n${body}` };
}
