/** Reads of the client library that take a query, against a `fetch` that records it. */
import { expect, it } from 'vitest';
import { administration } from '../../../src/client/administration.ts';
import { connect } from '../../../src/client/client.ts';

it('[CLT12] asks for sessions and tool calls with the given query, escaped', async () => {
  const asked: string[] = [];
  const client = connect({
    url: 'http://localhost:1',
    fetch: async (url) => {
      asked.push(String(url));
      return new Response('[]', { headers: { 'content-type': 'application/json' } });
    },
  });
  const { findSessions, readToolCalls } = administration(client);
  expect(await findSessions({ q: '中 & "x"', status: 'archived', limit: 5, activity: undefined })).toEqual(
    [],
  );
  expect(await findSessions({})).toEqual([]);
  expect(await readToolCalls({ status: 'awaitingApproval' })).toEqual([]);
  client.close();
  expect(asked.filter((url) => !url.includes('/events'))).toEqual([
    'http://localhost:1/chat-sessions?q=%E4%B8%AD+%26+%22x%22&status=archived&limit=5',
    'http://localhost:1/chat-sessions',
    'http://localhost:1/tool-calls?status=awaitingApproval',
  ]);
});
