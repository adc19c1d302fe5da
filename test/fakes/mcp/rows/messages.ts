/** Odd messages around the answers. */
import { type Answers, failure, raw, result, said, soundTools } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const fine = '"result":{"content":[{"type":"text","text":"fine"}]}';
const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
const before =
  (messages: readonly string[], answers: Answers): Answers =>
  (asked, count) => [...messages, ...answers(asked, count)];

export const messageRows: readonly OddRow[] = [
  {
    name: 'text that is no JSON before the first message',
    source: 'github.com/hustcc/mcp-mermaid/issues/25',
    over: ['stdio'],
    server: { program: { stdout: 'STDIO MCP Server started\n\uFEFF\n  [db] Connected\n' } },
  },
  {
    name: 'lines of a log between the answers',
    source: 'github.com/s-stefanov/actual-mcp/issues/161',
    over: ['stdio'],
    server: { answers: { 'tools/call': before(['[Breadcrumb] {', '  message: 1', '}'], said('fine')) } },
  },
  {
    name: 'lines that end with carriage returns',
    source: 'modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio',
    over: ['stdio'],
    server: { answers: { 'tools/call': raw(`{"jsonrpc":"2.0","id":$id,${fine}}\r`) } },
  },
  {
    name: 'the id comes back as a text',
    source: 'github.com/modelcontextprotocol/python-sdk/issues/961',
    server: { answers: { 'tools/call': raw(`{"jsonrpc":"2.0","id":"$id",${fine}}`) } },
  },
  {
    name: 'an error for the id null',
    source: 'github.com/helidon-io/helidon-mcp/issues/65',
    server: {
      answers: { 'tools/call': raw('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}') },
    },
    told: 'no',
    fails: true,
  },
  {
    name: 'every answer has an error that is null and stands in a list',
    source: 'github.com/gensecaihq/Wazuh-MCP-Server/issues/59',
    server: {
      answers: {
        'tools/list': raw(
          `[{"jsonrpc":"2.0","id":$id,"result":{"tools":${JSON.stringify(soundTools)}},"error":null}]`,
        ),
        'tools/call': raw(`[{"jsonrpc":"2.0","id":$id,${fine},"error":null}]`),
      },
    },
    over: ['stdio', 'events'],
  },
  {
    name: 'an answer without the name of the protocol, with keys of its own',
    source: 'github.com/Quantum3-Labs/ARBuilder/pull/2',
    server: { answers: { 'tools/call': raw(`{"id":$id,${fine},"took":3}`) } },
  },
  {
    name: 'notifications with a list for parameters',
    source: 'github.com/context-hub/generator/issues/303',
    server: {
      answers: {
        'tools/call': before(
          ['{"jsonrpc":"2.0","method":"notifications/message","params":[]}'],
          said('fine'),
        ),
      },
    },
  },
  {
    name: 'progress without a number, of a call that nobody made',
    source: 'modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress',
    server: {
      answers: {
        'tools/call': before(
          [
            '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":999,"progress":1}}',
            '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":null,"progress":"half"}}',
          ],
          said('fine'),
        ),
      },
    },
  },
  {
    name: 'the answer comes twice',
    source: 'www.jsonrpc.org/specification#response_object',
    server: {
      answers: {
        'tools/call': (asked, count) => [...said('fine')(asked, count), ...said('no')(asked, count)],
      },
    },
  },
  {
    name: 'the server asks for things that we do not have',
    source: 'modelcontextprotocol.io/specification/2025-11-25/client/sampling',
    server: {
      answers: {
        'tools/call': before(
          [
            '{"jsonrpc":"2.0","id":"s1","method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}',
          ],
          said('fine'),
        ),
      },
    },
  },
  {
    name: 'a greeting with nothing in it but the version',
    source: 'cases.md: null counts as absent',
    server: {
      answers: {
        initialize: result({
          protocolVersion: '2025-03-26',
          capabilities: { tools: null },
          serverInfo: null,
        }),
      },
    },
  },
  {
    name: 'a version that the client does not know',
    source: 'modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#version-negotiation',
    server: {
      answers: {
        initialize: result({
          protocolVersion: '1999-01-01',
          capabilities: {},
          serverInfo: { name: 'a', version: '1' },
        }),
      },
    },
    lost: /protocol version is not supported: 1999-01-01/,
  },
  {
    name: 'the greeting is refused',
    source: 'modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#error-handling',
    server: { answers: { initialize: failure({ code: -32602, message: 'Unsupported protocol version' }) } },
    lost: /Unsupported protocol version/,
  },
  {
    name: 'three hundred times at once the tools have changed',
    source: 'cases.md',
    server: {
      answers: {
        'tools/call': before(
          Array.from({ length: 300 }, () => changed),
          said('fine'),
        ),
      },
    },
    over: ['stdio', 'events'],
    // One when it was connected, one that runs, and one to follow.
    askedMost: { 'tools/list': 3 },
  },
  {
    name: 'each list says that the tools have changed',
    source: 'github.com/microsoft/aspire/issues/14375',
    server: { answers: { 'tools/list': before([changed], result({ tools: soundTools })) } },
    over: ['stdio', 'events'],
  },
];
