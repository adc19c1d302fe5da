/** Odd lists of tools. */
import { failure, listing, raw, result, said, soundTools } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const object = { type: 'object' };
const list = (answers: NonNullable<OddRow['server']['answers']>[string]): OddRow['server'] => ({
  answers: { 'tools/list': answers },
});

export const listRows: readonly OddRow[] = [
  {
    name: 'the second page and all after it are empty and go on for ever',
    source: 'cases.md',
    server: list((asked, count) =>
      result({ tools: count === 1 ? soundTools : [], nextCursor: 'again' })(asked, count),
    ),
    logs: [/repeats itself/],
    asked: { 'tools/list': 2 },
  },
  {
    name: 'the cursor of the only page leads back to it',
    source: 'github.com/DeusData/codebase-memory-mcp/issues/1247',
    server: list(result({ tools: soundTools, nextCursor: 'MTA=' })),
    logs: [/repeats itself/, /like another: look/, /like another: seen/],
    asked: { 'tools/list': 2 },
  },
  {
    name: 'an empty text is a cursor like any other',
    source: 'modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination',
    server: list((asked, count) =>
      result(
        count === 1 ? { tools: soundTools.slice(0, 1), nextCursor: '' } : { tools: soundTools.slice(1) },
      )(asked, count),
    ),
    asked: { 'tools/list': 2 },
  },
  {
    name: 'an empty cursor on every page',
    source: 'github.com/modelcontextprotocol/java-sdk/issues/628',
    server: list((asked, count) =>
      result({ tools: count === 1 ? soundTools : [], nextCursor: '' })(asked, count),
    ),
    logs: [/repeats itself/],
    asked: { 'tools/list': 2 },
  },
  {
    name: 'a new cursor on every page, without end',
    source: 'github.com/PrefectHQ/fastmcp/issues/5025 (bounds of pages)',
    server: list((asked, count) =>
      result({ tools: count === 1 ? soundTools : [], nextCursor: `page ${count}` })(asked, count),
    ),
    logs: [/more than 64 pages/],
    asked: { 'tools/list': 64 },
  },
  {
    name: 'the cursor is null, then it is a number',
    source: 'cases.md: null counts as absent',
    server: list(
      raw(`{"jsonrpc":"2.0","id":$id,"result":{"tools":${JSON.stringify(soundTools)},"nextCursor":null}}`),
    ),
    asked: { 'tools/list': 1 },
  },
  {
    name: 'a schema that is empty',
    source: 'github.com/zereight/gitlab-mcp/issues/286',
    server: list(listing({ name: 'look', inputSchema: {} })),
  },
  {
    name: 'a tool without a schema',
    source: 'github.com/mastra-ai/mastra/issues/21859',
    server: list(listing({ name: 'look' })),
  },
  {
    name: 'a description that is null, and annotations that are',
    source: 'cases.md',
    server: list(
      listing({ name: 'look', description: null, title: null, annotations: null, inputSchema: object }),
    ),
  },
  {
    name: 'a schema that is not of an object beside sound ones',
    source: 'github.com/sandialabs/atlas-ui-3/issues/727',
    server: list(listing({ name: 'odd', inputSchema: { type: 'string' } })),
    logs: [/odd: its arguments are no object but string/],
  },
  {
    name: 'alternatives without a type at the top',
    source: 'github.com/anthropics/claude-code/issues/88049',
    server: list(
      listing({ name: 'look', inputSchema: { anyOf: [{ required: ['a'] }, { required: ['b'] }] } }),
    ),
    argumentsJson: '{"b":1}',
  },
  {
    name: 'an output schema that is none',
    source: 'github.com/ThinkInAIXYZ/deepchat/pull/2075',
    server: list(
      listing({ name: 'look', inputSchema: object, outputSchema: { properties: { a: { type: 7 } } } }),
    ),
  },
  {
    name: 'things that are no tools among the tools',
    source: 'cases.md: one odd tool is left out',
    server: list(listing(null, 'look', { name: 7, inputSchema: object }, { name: 'flat', inputSchema: [] })),
    logs: [/no tool: null/, /no tool: look/, /without a name/, /flat: its schema is no JSON Schema/],
  },
  {
    name: 'a name that is too long for providers with the prefix of the server',
    source: 'github.com/microsoft/vscode/issues/243602',
    server: list(listing({ name: 'x'.repeat(60), inputSchema: object })),
    logs: [/name is too long/],
  },
  {
    name: 'a name with dots and slashes',
    source: 'github.com/kolega-ai/kolega-code/issues/581',
    server: {
      answers: {
        'tools/list': listing({ name: 'admin.tools/list', inputSchema: object }),
        'tools/call': (asked, count) => said(String(asked.params['name']))(asked, count),
      },
    },
    offered: ['admin_tools_list', 'look', 'seen'],
    calls: 'admin_tools_list',
    told: 'admin.tools/list',
  },
  {
    name: 'no list at all',
    source: 'cases.md: null counts as absent',
    server: list(result({ tools: null })),
    offered: [],
    calls: 'look',
    told: 'There is no tool named "odd__look"',
    fails: true,
  },
  {
    name: 'the list is refused, and the server offers no tools',
    source: 'modelcontextprotocol.io/specification/2025-11-25/server/tools#capabilities',
    server: {
      answers: {
        initialize: result({
          protocolVersion: '2025-11-25',
          capabilities: {},
          serverInfo: { name: 'a', version: '1' },
        }),
        'tools/list': failure({ code: -32601, message: 'Method not found' }),
      },
    },
    offered: [],
    told: 'There is no tool named "odd__look"',
    fails: true,
    logs: [/cannot be listed: Method not found/],
  },
  {
    name: 'tools that are not announced as a capability',
    source: 'github.com/google-gemini/gemini-cli/pull/21050 (undeclared capabilities)',
    server: {
      answers: {
        initialize: result({
          protocolVersion: '2025-06-18',
          capabilities: null,
          serverInfo: { name: 'a', version: '1' },
        }),
      },
    },
  },
];
