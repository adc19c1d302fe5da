/**
 * A tool server behind HTTP. The SDK's transport speaks the protocol; what comes from the network is read here, before
 * the SDK parses it: numbers keep their digits, odd answers become answers all the same, and whatever is no answer
 * says what it was.
 */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { McpTransport } from './edge-transport.ts';
import { exactMarks } from './exact-marks.ts';
import { askedId, fitAnswer, fitEvents, wholeBody } from './http-answer.ts';
import { answerWords, networkWords } from './http-failure.ts';
import type { McpEndpoint } from './mcp-server-options.ts';

type Endpoint = Extract<McpEndpoint, { kind: 'http' }>;

export function httpTransport({ url, headers }: Endpoint): McpTransport {
  const marks = exactMarks();
  /** What the SDK asks with: its answers are fit for the SDK. Rejects in words when there is none. */
  async function edgeFetch(address: string | URL, init?: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(address, init);
    } catch (cause) {
      throw init?.signal?.aborted === true ? cause : new Error(networkWords(cause));
    }
    const { status, body } = response;
    if ((status >= 300 && status < 400) || status === 202 || body === null) return response;
    return init?.method === 'POST' ? posted(response, body, askedId(init.body)) : listening(response, body);
  }

  async function posted(
    response: Response,
    body: ReadableStream<Uint8Array>,
    asked: number | undefined,
  ): Promise<Response> {
    if (response.ok && asked === undefined) return response;
    if (response.ok && asked !== undefined && isEventStream(response)) {
      return madeFit(response, ReadableStream.from(fitEvents(body, marks, asked)), 'text/event-stream');
    }
    const text = await wholeBody(body);
    if (text !== null && asked !== undefined && isAnswer(response, text, asked)) {
      const messages = fitAnswer(text, asked, marks);
      if (messages !== null) return madeFit(response, messages, 'application/json');
    }
    const { status, statusText, headers } = response;
    throw new Error(answerWords({ status, statusText, type: headers.get('content-type') ?? '' }, text));
  }

  /** The stream of messages that answer nothing. Anything else at that address means that there is none. */
  async function listening(response: Response, body: ReadableStream<Uint8Array>): Promise<Response> {
    if (!response.ok) return response;
    if (isEventStream(response)) {
      return madeFit(response, ReadableStream.from(fitEvents(body, marks)), 'text/event-stream');
    }
    await body.cancel();
    return new Response(null, { status: 405 });
  }

  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    fetch: edgeFetch,
  });
  const edge: McpTransport = {
    // What went wrong is in the errors that it gives.
    failure: () => undefined,
    start: () => {
      transport.onclose = () => edge.onclose?.();
      transport.onerror = (error) => edge.onerror?.(error);
      transport.onmessage = (message: JSONRPCMessage) => edge.onmessage?.(marks.restored(message));
      return transport.start();
    },
    send: (message) => transport.send(message),
    close: () => transport.close(),
    setProtocolVersion: (version) => transport.setProtocolVersion(version),
  };
  return edge;
}

/**
 * With an error status only what names the request is its answer. "No such session" names none: it has to end the
 * connection, so that a new session is begun.
 */
function isAnswer(response: Response, text: string, asked: number): boolean {
  if (response.ok) return true;
  return ![401, 403, 404].includes(response.status) && new RegExp(`"id"\\s*:\\s*"?${asked}\\b`).test(text);
}

function isEventStream(response: Response): boolean {
  return (response.headers.get('content-type') ?? '').includes('text/event-stream');
}

function madeFit(response: Response, body: string | ReadableStream<Uint8Array>, type: string): Response {
  const session = response.headers.get('mcp-session-id');
  return new Response(body, {
    headers: { 'content-type': type, ...(session === null ? {} : { 'mcp-session-id': session }) },
  });
}
