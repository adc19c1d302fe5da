/** Numbers that a JavaScript number cannot hold. */
import { listing, raw } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const big = '12345678901234567890';
const idSchema = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] };

export const numberRows: readonly OddRow[] = [
  {
    name: 'an id of 64 bits in the arguments',
    source: 'github.com/modelcontextprotocol/go-sdk/issues/1201',
    server: {
      answers: {
        'tools/list': listing({ name: 'look', inputSchema: idSchema }),
        // What came is said again, letter by letter.
        'tools/call': ({ id, text }) => [
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            result: { content: [{ type: 'text', text: /"arguments":(\{.*?\})/.exec(text)?.[1] }] },
          }),
        ],
      },
    },
    argumentsJson: `{"id": ${big}, "more": [-9007199254740993, 1e400, 0.1234567890123456789, 1.5]}`,
    told: `{"id":${big},"more":[-9007199254740993,1e400,0.1234567890123456789,1.5]}`,
  },
  {
    name: 'an id of 64 bits in structured content',
    source: 'github.com/modelcontextprotocol/go-sdk/issues/1236',
    server: {
      answers: {
        'tools/call': raw(`{"jsonrpc":"2.0","id":$id,"result":{"structuredContent":{"id":${big}}}}`),
      },
    },
    told: `{"id":${big}}`,
  },
  {
    name: 'a number of 64 bits in text and in structured content',
    source: 'github.com/mrexodia/ida-pro-mcp/issues/510',
    server: {
      answers: {
        'tools/call': raw(
          `{"jsonrpc":"2.0","id":$id,"result":{"content":[{"type":"text","text":"{\\"v\\":7795506888185572399}"}],"structuredContent":{"v":7795506888185572399}}}`,
        ),
      },
    },
    told: '{"v":7795506888185572399}',
  },
  {
    name: 'two numbers that are one when rounded',
    source: 'github.com/anthropics/claude-code/issues/78762',
    server: {
      answers: {
        'tools/call': raw(
          `{"jsonrpc":"2.0","id":$id,"result":{"content":[{"type":"text","text":"{\\"v\\":9007199254740993}"}],"structuredContent":{"v":9007199254740992}}}`,
        ),
      },
    },
    told: '{"v":9007199254740993}\n\nstructuredContent: {"v":9007199254740992}',
  },
  {
    name: 'bounds of 64 bits in a schema',
    source: 'github.com/higress-group/higress/pull/3760',
    server: {
      answers: {
        'tools/list': raw(
          `{"jsonrpc":"2.0","id":$id,"result":{"tools":[{"name":"look","inputSchema":{"type":"object","properties":{"id":{"type":"integer","maximum":18446744073709551615}}}},{"name":"seen","inputSchema":{"type":"object"}}]}}`,
        ),
      },
    },
    argumentsJson: `{"id": ${big}}`,
  },
];
