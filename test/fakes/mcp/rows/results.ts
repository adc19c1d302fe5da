/** Odd results of calls. */
import { failure, raw, result } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const call = (answers: NonNullable<OddRow['server']['answers']>[string]): OddRow['server'] => ({
  answers: { 'tools/call': answers },
});
const text = (words: string) => ({ type: 'text', text: words });

export const resultRows: readonly OddRow[] = [
  {
    name: 'nulls beside the text',
    source: 'cases.md',
    server: call(result({ content: [text('fine')], isError: null, structuredContent: null, _meta: null })),
  },
  {
    name: 'content that is null',
    source: 'cases.md',
    server: call(result({ content: null })),
    told: '',
  },
  {
    name: 'a block of unknown type with text beside it',
    source: 'github.com/ElliotPadfield/unpaywall-mcp/issues/4',
    server: call(result({ content: [text('fine'), { type: 'json', json: { doi: 1 } }] })),
    told: '[{"type":"text","text":"fine"},{"type":"json","json":{"doi":1}}]',
  },
  {
    name: 'an image without a type',
    source: 'github.com/zed-industries/zed/issues/30243',
    server: call(result({ content: [{ type: 'image', data: 'AAAA' }] })),
    told: '[{"type":"image","base64Units":4}]',
  },
  {
    name: 'text and structured content that differ',
    source: 'cases.md',
    server: call(result({ content: [text('fine')], structuredContent: { left: 3 } })),
    told: 'fine\n\nstructuredContent: {"left":3}',
  },
  {
    name: 'structured content that the text repeats, keys in another order',
    source: 'modelcontextprotocol.io/specification/2025-11-25/server/tools#structured-content',
    server: call(result({ content: [text('{"b": [1], "a": 2}')], structuredContent: { a: 2, b: [1] } })),
    told: '{"b": [1], "a": 2}',
  },
  {
    name: 'structured content that only wraps the text',
    source: 'gofastmcp.com/servers/tools#structured-output',
    server: call(result({ content: [text('fine')], structuredContent: { result: 'fine' } })),
  },
  {
    name: 'structured content that is a list, with a text for each item',
    source: 'github.com/NovasPlace/CSM/pull/28',
    server: call(result({ content: [text('two')], structuredContent: [1, 2] })),
    told: 'two\n\nstructuredContent: [1,2]',
  },
  {
    name: 'structured content alone',
    source: 'github.com/czlonkowski/n8n-mcp/pull/343 (the other way round)',
    server: call(result({ structuredContent: { valid: true } })),
    told: '{"valid":true}',
  },
  {
    name: 'an error with structured content',
    source: 'github.com/ArcadeAI/arcade-mcp/pull/817',
    server: call(result({ isError: true, content: [text('no')], structuredContent: { error: 'no tenant' } })),
    told: 'no\n{"error":"no tenant"}',
    fails: true,
  },
  {
    name: 'an error without a word',
    source: 'github.com/microlinkhq/www/pull/2268 (errors keep their message)',
    server: call(result({ isError: true, content: [] })),
    told: 'The tool failed and did not say why',
    fails: true,
  },
  {
    name: 'content that is an object',
    source: 'github.com/alandtse/devbench/pull/6',
    server: call(result({ content: { pid: 7, blob: 'AAAA' } })),
    told: '[{"pid":7,"base64Units":4}]',
  },
  {
    name: 'content that is a text, and items that are texts',
    source: 'github.com/mark3labs/mcp-go/pull/819',
    server: call(result({ content: ['fine', null] })),
  },
  {
    name: 'the result wrapped as the oldest revision had it',
    source: 'github.com/cloudflare/mcp-server-cloudflare/issues/12',
    server: call(result({ toolResult: { content: [text('fine')] } })),
  },
  {
    name: 'a link to a resource, and a resource within',
    source: 'modelcontextprotocol.io/specification/2025-06-18/server/tools#resource-links',
    server: call(
      result({
        content: [
          { type: 'resource_link', uri: 'file:///a', name: 'a', mimeType: null },
          { type: 'resource', resource: { uri: 'file:///b', text: 'hello' } },
        ],
      }),
    ),
    told: '[{"type":"resource_link","uri":"file:///a","name":"a"},{"type":"resource","uri":"file:///b","text":"hello"}]',
  },
  {
    name: 'a request for more input in place of a result',
    source: 'modelcontextprotocol.io/specification/2026-07-28 (multi round-trip requests)',
    server: call(
      result({ resultType: 'input_required', inputRequests: { a: { method: 'elicitation/create' } } }),
    ),
    told: /^The tool server answered in a shape that is no tool result: \{"resultType":"input_required"/,
    fails: true,
  },
  {
    name: 'a result that is a text',
    source: 'github.com/Quantum3-Labs/ARBuilder/pull/2 (answers outside of their envelope)',
    server: call(raw('{"jsonrpc":"2.0","id":$id,"result":"just this"}')),
    told: 'The answer is no JSON object: just this',
    fails: true,
  },
  {
    name: 'an error with data',
    source: 'www.jsonrpc.org/specification#error_object',
    server: call(failure({ code: -32602, message: 'Invalid params', data: { missing: 'url' } })),
    told: 'Invalid params: {"missing":"url"}',
    fails: true,
  },
  {
    name: 'an error with the code that the SDK has for a closed connection',
    source: 'github.com/modelcontextprotocol/typescript-sdk (ErrorCode.ConnectionClosed, RequestTimeout)',
    server: call((asked, count) =>
      failure({ code: count === 1 ? -32000 : -32001, message: 'quota' })(asked, count),
    ),
    told: 'quota',
    fails: true,
  },
  {
    name: 'an error that is a text',
    source: 'github.com/actionhero/keryx/issues/503',
    server: call(raw('{"error":"Session not found"}')),
    told: 'Session not found',
    fails: true,
  },
  {
    name: 'a result nested thousands of levels deep',
    source: 'cases.md: a result of a wrong shape fails its own call',
    server: call(
      raw(`{"jsonrpc":"2.0","id":$id,"result":{"structuredContent":${'['.repeat(9000)}${']'.repeat(9000)}}}`),
    ),
    told: 'It is nested more than 200 levels deep',
    fails: true,
  },
  {
    name: 'a result of five megabytes',
    source: 'github.com/open-pencil/open-pencil/pull/282',
    server: call(({ id }) => [
      JSON.stringify({ jsonrpc: '2.0', id, result: { content: [text('x'.repeat(5 * 1024 * 1024))] } }),
    ]),
    told: /too long|longer than 4194304 bytes|broke/,
    fails: true,
  },
];
