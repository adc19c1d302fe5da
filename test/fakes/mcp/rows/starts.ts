/** Servers that cannot be used, and what the log says of it. */
import type { HttpReply } from '../scripted-server.ts';
import type { OddRow } from './odd-row.ts';

const answering = (reply: HttpReply): OddRow['server'] => ({ http: () => reply });
const html = { 'content-type': 'text/html; charset=utf-8' };

export const startRows: readonly OddRow[] = [
  {
    name: 'a program that says what is missing and ends',
    source: 'cases.md',
    over: ['stdio'],
    server: { program: { stderr: 'Starting\nFATAL: set MY_TOKEN\n', exitCode: 1 } },
    lost: /exit code 1; its last words: Starting\nFATAL: set MY_TOKEN/,
  },
  {
    name: 'a program that prints how it is used and ends well',
    source: 'github.com/Aas-ee/open-webSearch/issues/35',
    over: ['stdio'],
    server: { program: { stdout: 'usage: server [options]\n', exitCode: 0 } },
    lost: /exit code 0; it wrote to its standard output: not JSON: usage: server/,
  },
  {
    name: 'a key is missing',
    source: 'cases.md',
    over: ['json'],
    server: answering({
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_token","error_description":"No authorization provided"}',
    }),
    lost: /HTTP 401 Unauthorized: No authorization provided/,
  },
  {
    name: 'a page of a web site',
    source: 'github.com/modelcontextprotocol/python-sdk/issues/1382',
    over: ['json'],
    server: answering({ status: 200, headers: html, body: '<!doctype html><title>Sign in</title>' }),
    lost: /HTTP 200 OK with an HTML page titled Sign in/,
  },
  {
    name: 'the page of a proxy whose server is down',
    source: 'cases.md',
    over: ['json'],
    server: answering({
      status: 502,
      headers: html,
      body: '<html><head><title>502 Bad Gateway</title></html>',
    }),
    lost: /HTTP 502 Bad Gateway with an HTML page titled 502 Bad Gateway/,
  },
  {
    name: 'an answer with nothing in it',
    source: 'github.com/modelcontextprotocol/go-sdk/pull/130',
    over: ['json'],
    server: answering({ status: 200, headers: { 'content-type': 'application/json' } }),
    lost: /HTTP 200 OK with nothing in it/,
  },
  {
    name: 'the words of a framework',
    source: 'cases.md: whatever shape an error body has',
    over: ['json'],
    server: answering({
      status: 422,
      headers: { 'content-type': 'application/json' },
      body: '{"detail":[{"loc":["body"],"msg":"field required"}]}',
    }),
    lost: /HTTP 422 Unprocessable Entity: \[\{"loc":\["body"\],"msg":"field required"\}\]/,
  },
];
