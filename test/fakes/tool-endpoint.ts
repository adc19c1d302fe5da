/** The HTTP endpoint of a registered tool, on loopback: it keeps what it was asked, and answers as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

export type AskedCall = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type AnswerCall = (response: ServerResponse, call: AskedCall, index: number) => void;

export type ToolEndpoint = {
  /** Without a path: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly asked: AskedCall[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** Resolves when every connection is closed. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function json(value: unknown, status = 200): AnswerCall {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
}

export async function toolEndpoint(answer: AnswerCall): Promise<ToolEndpoint> {
  const asked: AskedCall[] = [];
  let opened = 0;
  let open = 0;
  let whenIdle = () => {};
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const call = { path: request.url ?? '', headers: request.headers, body };
    asked.push(call);
    answer(response, call, asked.length - 1);
  });
  server.on('connection', (socket) => {
    opened++;
    open++;
    socket.on('error', () => {});
    socket.on('close', () => {
      open--;
      if (open === 0) whenIdle();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    connections: () => opened,
    idle: () =>
      new Promise((resolve) => {
        whenIdle = resolve;
        if (open === 0) resolve();
      }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As a receiver verifies it, with the library of Standard Webhooks. Throws when the signature is not good. */
export function verifiedCall(secret: string, { headers, body }: AskedCall): unknown {
  const header = (name: string) => String(headers[name] ?? '');
  return new Webhook(secret).verify(body, {
    'webhook-id': header('webhook-id'),
    'webhook-timestamp': header('webhook-timestamp'),
    'webhook-signature': header('webhook-signature'),
  });
}
