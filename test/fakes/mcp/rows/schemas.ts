/** Odd schemas of arguments. */
import { listing } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const ofText = (schema: object): OddRow['server'] => ({
  answers: {
    'tools/list': listing({
      name: 'look',
      inputSchema: {
        type: 'object',
        properties: { text: { type: 'string', ...schema } },
        additionalProperties: false,
      },
    }),
  },
});

const rows: readonly OddRow[] = [
  {
    name: 'a pattern that needs the engine without the u flag',
    source: 'cases.md; github.com/langchain-ai/langchainjs/issues/11351',
    server: ofText({ pattern: '^https\\:\\/\\/' }),
    argumentsJson: '{"text":"https://example.org"}',
  },
  {
    name: 'the same pattern still refuses',
    source: 'cases.md',
    server: ofText({ pattern: '^https\\:\\/\\/' }),
    argumentsJson: '{"text":"http://example.org"}',
    told: 'Not valid: /text must match pattern "^https\\:\\/\\/"',
    fails: true,
  },
  {
    name: 'a pattern with flags inside',
    source: 'cases.md',
    server: ofText({ pattern: '(?i)^abc$' }),
    argumentsJson: '{"text":"ABC"}',
  },
  {
    name: 'a pattern that takes the engine of JavaScript seconds',
    source: 'cases.md',
    server: ofText({ pattern: '^(a+)+$' }),
    argumentsJson: JSON.stringify({ text: `${'a'.repeat(28)}!` }),
    told: 'Not valid: /text must match pattern "^(a+)+$"',
    fails: true,
  },
  {
    name: 'a pattern with lookahead is left out alone',
    source: 'github.com/Dokploy/mcp/pull/58',
    server: ofText({ pattern: '^(?=.*[0-9]).+$', maxLength: 5 }),
    argumentsJson: '{"text":"abc"}',
    logs: [/not checked: .*\(\?=/],
  },
  {
    name: 'what stands beside a pattern that is left out still counts',
    source: 'github.com/langchain-ai/langchainjs/pull/11430',
    server: ofText({ pattern: '(.)\\1', maxLength: 5 }),
    argumentsJson: '{"text":"abcdef","more":1}',
    told: 'Not valid: the arguments must NOT have additional properties ("more"); /text must NOT have more than 5 characters',
    fails: true,
    logs: [/not checked/],
  },
  {
    name: 'a bracket in a class of letters',
    source: 'github.com/NangoHQ/nango/issues/7547',
    server: ofText({ pattern: String.raw`^[a-zA-Z0-9,.;:=+~[\]|@{}"'\\/_ -]+$` }),
    argumentsJson: '{"text":"a[0]"}',
  },
  {
    name: 'classes of letters by their Unicode property',
    source: 'github.com/agigante80/actual-mcp-server/issues/293',
    server: ofText({ pattern: '^[\\p{L}\\p{N} ._\\-]+$' }),
    argumentsJson: '{"text":"Ausgaben für März"}',
  },
  {
    name: 'a schema that refers to itself',
    source: 'github.com/samanhappy/mcphub/issues/1024',
    server: {
      answers: {
        'tools/list': listing({
          name: 'look',
          inputSchema: {
            type: 'object',
            properties: { child: { $ref: '#' }, screen: { $ref: '#/$defs/Screen' } },
            $defs: { Screen: { type: 'object', properties: { variant: { $ref: '#/$defs/Screen' } } } },
          },
        }),
      },
    },
    argumentsJson: '{"child":{"child":{"screen":7}}}',
    told: 'Not valid: /child/child/screen must be object',
    fails: true,
  },
  {
    name: 'a reference that leads nowhere: the tool decides alone',
    source: 'github.com/nicobailon/pi-mcp-adapter/issues/350',
    server: ofText({ $ref: '#/$defs/ScreenInstance' }),
    argumentsJson: '{"text":"abc"}',
    logs: [/cannot be used; the tool alone checks/],
  },
  {
    name: 'nulls among the keywords',
    source: 'github.com/labring/FastGPT/issues/6451',
    server: ofText({ pattern: null, enum: null, description: null, minLength: null }),
    argumentsJson: '{"text":"abc"}',
  },
];

/** Nothing of this depends on the wire. */
export const schemaRows: readonly OddRow[] = rows.map((row) => ({ over: ['json'], ...row }));
