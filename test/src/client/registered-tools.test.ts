/** Registered tools through the client library, against a `fetch` that records what it is asked. */
import { expect, it } from 'vitest';
import { administration } from '../../../src/client/administration.ts';
import { connect } from '../../../src/client/client.ts';

it('[CLT12] [RTL1] commands and reads of tools are the routes of the server, each command under a key of its own', async () => {
  const asked: string[] = [];
  const keys: string[] = [];
  const client = connect({
    url: 'http://localhost:1',
    fetch: async (url, init) => {
      const { method = 'GET', headers, body } = init ?? {};
      if (!String(url).includes('/events'))
        asked.push(`${method} ${String(url).slice(18)} ${body ?? ''}`.trim());
      const key = new Headers(headers).get('idempotency-key');
      if (key !== null) keys.push(key);
      return new Response('{}', { headers: { 'content-type': 'application/json' } });
    },
  });
  const tools = administration(client);
  await tools.registerTool({
    name: 'weather',
    description: 'Tells the weather.',
    inputSchema: { type: 'object' },
    url: 'https://example.org/',
  });
  await tools.updateTool('weather', { repeatable: true });
  await tools.deactivateTool('weather');
  await tools.activateTool('weather');
  await tools.rotateToolSecret('weather');
  await tools.readTools({ limit: 5, after: 'clock' });
  await tools.readTools();
  await tools.readTool('weather');
  client.close();
  expect(asked).toEqual([
    'POST tools {"name":"weather","description":"Tells the weather.","inputSchema":{"type":"object"},"url":"https://example.org/"}',
    'PATCH tools/weather {"repeatable":true}',
    'POST tools/weather/deactivate',
    'POST tools/weather/activate',
    'POST tools/weather/rotate-secret',
    'GET tools?limit=5&after=clock',
    'GET tools',
    'GET tools/weather',
  ]);
  expect(new Set(keys).size).toBe(5);
});
