/**
 * A provider of models that answers from a script, over real HTTP on loopback, for tests of engine adapters. It knows
 * no format; `openai-stream.ts` and `anthropic-stream.ts` write those.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

/** The steps after the headers, in order. */
export type ScriptStep =
  | { readonly send: string }
  /** The same, several times, each after a pause. */
  | { readonly send: string; readonly times: number; readonly everyMs: number }
  /** Nothing more until the client gives up. */
  | 'stall'
  /** Breaks the connection. */
  | 'cut';

export type ScriptedAnswer = {
  /** Default 200. */
  readonly status?: number;
  /** Default: an SSE stream. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly steps: readonly ScriptStep[];
};

export type ProviderRequest = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

export type ScriptedProvider = {
  /** Without a trailing slash. */
  readonly url: string;
  readonly requests: readonly ProviderRequest[];
  /** Requests whose client hung up before the answer was over. */
  readonly abandoned: () => number;
  /** Resolves at the next request that is abandoned. */
  readonly nextAbandoned: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Answers the n-th request with `answers[n]`, and requests after the last answer with 500. */
export async function startScriptedProvider(answers: readonly ScriptedAnswer[]): Promise<ScriptedProvider> {
  return startProvider((_request, index) => answers[index] ?? outOfScript);
}

export const outOfScript: ScriptedAnswer = {
  status: 500,
  headers: { 'content-type': 'text/plain' },
  steps: [{ send: 'the script has no answer for this request' }],
};

/** Answers each request with the result of `answer`; `index` counts from 0. */
export async function startProvider(
  answer: (request: ProviderRequest, index: number) => ScriptedAnswer,
): Promise<ScriptedProvider> {
  const requests: ProviderRequest[] = [];
  let abandoned = 0;
  let waiting: (() => void)[] = [];
  const server = createServer((incoming, response) => {
    response.on('close', () => {
      if (response.writableFinished || response.errored) return;
      abandoned++;
      for (const resolve of waiting.splice(0)) resolve();
    });
    void text(incoming).then((body) => {
      const request = { path: incoming.url ?? '', headers: incoming.headers, body: parsed(body) };
      const index = requests.push(request) - 1;
      void play(answer(request, index), response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    abandoned: () => abandoned,
    nextAbandoned: () => new Promise((resolve) => waiting.push(resolve)),
    stop: async () => {
      waiting = [];
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function play(
  { status = 200, headers = sseHeaders, steps }: ScriptedAnswer,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const step of steps) {
    if (response.destroyed || step === 'stall') return;
    if (step === 'cut') {
      response.destroy(new Error('cut by the script'));
      return;
    }
    if ('everyMs' in step) {
      for (let time = 0; time < step.times && !response.destroyed; time++) {
        await setTimeout(step.everyMs);
        response.write(step.send);
      }
    } else {
      response.write(step.send);
    }
  }
  response.end();
}

const sseHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

function parsed(body: string): unknown {
  return body === '' ? undefined : JSON.parse(body);
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address;
}
