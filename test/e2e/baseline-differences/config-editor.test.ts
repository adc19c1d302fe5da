/** Rows of docs/baseline-differences.md about the config editor of the baseline's page. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BaselineServer } from './baseline-server.ts';

const config = {
  apiKeys: ['ordinary', { key: 'administering', scopes: ['admin'] }],
  providers: { local: { type: 'openai', apiKey: 'hunter2', models: ['small', 'large'] } },
};
const editor = '/config/editor';

let at: BaselineServer;
beforeAll(async () => {
  at = await BaselineServer.start({ CALLBOARD_WEB: 'off' }, { config, query: '?apiKey=ordinary' });
});
afterAll(() => at.remove());

const ask = (method: string, path: string, content?: object, query = '?apiKey=administering') =>
  at.request(
    method,
    path + query,
    content === undefined ? undefined : { format: 'json', content: JSON.stringify(content) },
  );

it("D83 the file is Callboard's, and the page's picker changes defaultModel", async () => {
  const { status, body } = await ask('GET', editor);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    input: { providers: { local: { models: ['small', 'large'] } } },
    config: { model: 'rehearsal', provider: { name: 'rehearsal' }, defaultModel: 'rehearsal' },
  });
  const { input } = body as { readonly input: object };
  const saved = await ask('PUT', editor, { ...input, provider: { name: 'local' }, model: 'large' });
  expect(saved).toMatchObject({
    status: 200,
    body: {
      input: { defaultModel: 'local/large' },
      config: { model: 'large', provider: { name: 'local' } },
    },
  });
});

it('D84 secrets are masked, and what is not for pages is not changed', async () => {
  const { body } = await ask('GET', editor);
  expect(JSON.stringify(body)).toContain('small');
  for (const secret of ['hunter2', 'ordinary', 'administering']) {
    expect(JSON.stringify(body)).not.toContain(secret);
  }
  const { input } = body as { readonly input: object };
  const changed = await ask('PUT', editor, { ...input, host: '0.0.0.0' });
  expect(changed).toMatchObject({ status: 400, body: { message: expect.stringContaining('host') } });
});

it('D85 the editor needs the scope admin, and pages of other origins are refused', async () => {
  expect((await ask('GET', editor, undefined, '?apiKey=ordinary')).status).toBe(403);
  const response = await fetch(`${at.url}${editor}?apiKey=administering`, {
    headers: { origin: 'https://other.example' },
  });
  expect(response.status).toBe(403);
});

it('D86 the answers have more keys', async () => {
  const { body } = await ask('GET', editor);
  expect(Object.keys(Object(body))).toEqual(
    expect.arrayContaining(['version', 'reloadNeeded', 'restartNeeded', 'overridden']),
  );
  const { input } = body as { readonly input: object };
  const preview = await ask('POST', `${editor}/preview`, input);
  expect(preview).toMatchObject({ status: 201, body: { changed: expect.any(Array) } });
});
