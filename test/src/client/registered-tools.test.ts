/** Registered tools through the client library, against a fake server that records what it is asked. */
import { expect, it } from 'vitest';
import { administration } from '../../../src/client/administration.ts';
import { fakeWorld } from './fake-server.ts';

it('[CLT12] [RTL1] commands and reads of tools are the routes of the server, each command under a key of its own', async () => {
  const { server, client } = await fakeWorld((fake) => {
    fake.rest = async () => ({ status: 200, body: {} });
  });
  const before = server.calls.length;
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
  const calls = server.calls.slice(before);
  const asked = calls.map(({ method, path, body }) =>
    `${method} ${path.slice(1)} ${body === undefined ? '' : JSON.stringify(body)}`.trim(),
  );
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
  const keys = calls.flatMap(({ headers }) => headers.get('idempotency-key') ?? []);
  expect(new Set(keys).size).toBe(5);
});
