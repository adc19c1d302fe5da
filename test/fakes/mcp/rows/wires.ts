/** Odd ways of HTTP. */
import { asEvents } from '../scripted-http.ts';
import { type Asked, failure, type HttpReply, result } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const isCall = (asked: Asked | null) => asked?.method === 'tools/call' && asked.params['name'] === 'look';
/** Answers calls of `look` so, and everything else soundly. */
const toCalls = (reply: (asked: Asked) => HttpReply): OddRow['server'] => ({
  http: (_method, asked) => (asked !== null && isCall(asked) ? reply(asked) : null),
});
const fine = (id: number) =>
  JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'fine' }] } });

/** From the first call of `look` on its session is unknown, until there is a new one. */
function forgetful(status: number, body: string): OddRow['server'] {
  let isForgotten = false;
  return {
    http: (_method, asked) => {
      if (isCall(asked)) isForgotten = true;
      if (asked?.method === 'initialize') isForgotten = false;
      return isForgotten ? { status, headers: { 'content-type': 'application/json' }, body } : null;
    },
  };
}

export const wireRows: readonly OddRow[] = [
  {
    name: 'the session is unknown after a restart',
    source: 'github.com/modelcontextprotocol/python-sdk/issues/3556',
    over: ['json'],
    server: forgetful(
      404,
      '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}',
    ),
    told: /did not answer: HTTP 404 Not Found: Session not found/,
    fails: true,
    reconnects: true,
  },
  {
    name: 'the session is unknown, with another status',
    source: 'github.com/PrefectHQ/fastmcp/issues/3073',
    over: ['json'],
    server: forgetful(
      400,
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"No valid session ID"},"id":null}',
    ),
    told: /HTTP 400 Bad Request: No valid session ID/,
    fails: true,
    reconnects: true,
  },
  {
    name: 'one call fails with an error of the server behind',
    source: 'github.com/sparfenyuk/mcp-proxy/issues/149',
    over: ['json'],
    server: toCalls(() => ({ status: 500, body: 'Internal Server Error' })),
    told: 'The tool server odd did not answer: HTTP 500 Internal Server Error: Internal Server Error',
    fails: true,
  },
  {
    name: 'an error status whose body answers the request',
    source:
      'modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server',
    over: ['json'],
    server: toCalls(({ id }) => ({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no such place' } }),
    })),
    told: 'no such place',
    fails: true,
  },
  {
    name: 'an event stream that ends without the empty line',
    source: 'https://html.spec.whatwg.org/multipage/server-sent-events.html',
    over: ['events'],
    server: toCalls(({ id }) => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: `event: message\ndata: ${fine(id)}`,
    })),
  },
  {
    name: 'JSON that calls itself text',
    source: 'github.com/ballerina-platform/ballerina-library/issues/8090',
    over: ['json'],
    server: toCalls(({ id }) => ({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: fine(id),
    })),
  },
  {
    name: 'JSON without a type',
    source: 'github.com/helidon-io/helidon-mcp/issues/97',
    over: ['json'],
    server: toCalls(({ id }) => ({ status: 200, body: fine(id) })),
  },
  {
    name: 'the answer to a notification has a body and another type',
    source: 'github.com/modelcontextprotocol/java-sdk/issues/748',
    over: ['json'],
    server: {
      http: (method, asked) =>
        method === 'POST' && asked === null
          ? { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' }
          : null,
    },
  },
  {
    name: 'an answer in JSON for another id',
    source: 'github.com/DeusData/codebase-memory-mcp/issues/253',
    over: ['json'],
    server: toCalls(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: fine(0) })),
  },
  {
    name: 'a stream that ends without an answer',
    source: 'github.com/coddingtonbear/obsidian-local-rest-api/issues/251',
    over: ['json'],
    server: toCalls(() => asEvents([])),
    told: 'The stream ended without an answer',
    fails: true,
  },
  {
    name: 'a stream that breaks before the answer',
    source: 'github.com/modelcontextprotocol/python-sdk/issues/1811',
    over: ['json'],
    server: toCalls(() => ({
      ...asEvents(['{"jsonrpc":"2.0","method":"notifications/message"}']),
      after: 'breaks',
    })),
    told: /^The stream broke \(.*\) without an answer$/,
    fails: true,
  },
  {
    name: 'a stream of another event name, with comments and an id of its own',
    source: 'html.spec.whatwg.org/multipage/server-sent-events.html',
    over: ['json'],
    server: toCalls(({ id }) => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: `\uFEFF: hi\r\nretry: 10\r\nid: 7\r\ndata: ${fine(id).replace(',', ',\r\ndata: ')}\r\n\r\n`,
    })),
  },
  {
    name: 'a stream that says in its first event that the session is unknown',
    source: 'github.com/actionhero/keryx/issues/503',
    over: ['json'],
    server: toCalls(() => asEvents(['{"error":"Session not found"}'])),
    told: 'Session not found',
    fails: true,
  },
  {
    name: 'the address for listening has a page',
    source:
      'modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server',
    over: ['json'],
    server: {
      http: (method) =>
        method === 'GET'
          ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }
          : null,
    },
    logs: [],
  },
  {
    name: 'ping is not known',
    source: 'cases.md; github.com/NousResearch/hermes-agent/pull/50063 (-32603)',
    server: { answers: { ping: failure({ code: -32603, message: 'Method not supported: ping' }) } },
    asked: { initialize: 1 },
  },
  {
    name: 'ping is answered with a result that is none',
    source: 'github.com/microsoft/agent-framework/pull/7656',
    server: { answers: { ping: result(['pong']) } },
    asked: { initialize: 1 },
  },
];
