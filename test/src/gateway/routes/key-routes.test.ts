/** Stored keys over REST: what is shown and to whom, bodies that are refused, and what the commands pass on. */
import { describe, expect, it } from 'vitest';
import { exampleKey } from '../../../fakes/example-key.ts';
import { askedGateway } from './asked-gateway.ts';

const { ask, services } = askedGateway();

const shown = { ...exampleKey, lastUsedAt: null };
const unknown = '00000000-0000-0000-0000-000000000000';

describe('stored keys over REST', () => {
  it('[KEY1] shows keys without their secrets, and a new one with it', async () => {
    expect(await ask('GET', '/keys')).toEqual({ status: 200, body: [shown] });
    expect(await ask('GET', `/keys?after=${exampleKey.id}`)).toEqual({ status: 200, body: [] });
    expect(await ask('GET', `/keys/${exampleKey.id}`)).toEqual({ status: 200, body: shown });
    expect(await ask('POST', '/keys', { name: 'Another', scopes: ['read', 'logs'] })).toEqual({
      status: 201,
      body: {
        ...shown,
        ...{ name: 'Another', scopes: ['read', 'logs'], createdBy: 'local', secret: 'cb_a secret' },
      },
    });
    expect(await ask('POST', `/keys/${exampleKey.id}/rotate`, { overlapSeconds: 60 })).toEqual({
      status: 200,
      body: { ...shown, secret: 'cb_another secret' },
    });
    expect(services().calls.at(-1)).toEqual(['rotateKey', exampleKey.id, { overlapSeconds: 60 }]);
    expect(await ask('DELETE', `/keys/${exampleKey.id}`)).toMatchObject({
      status: 200,
      body: { id: exampleKey.id, revokedAt: expect.any(String) },
    });
  });

  it('[KEY3] says that a key is not there', async () => {
    const { statusCode, message } = { statusCode: 404, message: `Key ${unknown} not found` };
    expect(await ask('GET', `/keys/${unknown}`)).toMatchObject({ body: { statusCode, message } });
    expect(await ask('DELETE', `/keys/${unknown}`)).toMatchObject({ body: { statusCode, message } });
    expect(await ask('POST', `/keys/${unknown}/rotate`)).toMatchObject({ body: { statusCode, message } });
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(121)],
    ['scopes', []],
    ['scopes', ['everything']],
    ['tenant', ''],
    ['expiresAt', 'tomorrow'],
    ['secret', 'cb_mine'],
  ])('[KEY1] refuses a body with %s %j, naming the key', async (key, value) => {
    const before = services().calls.length;
    const answer = await ask('POST', '/keys', { name: 'A key', [key]: value });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(key);
    expect(services().calls).toHaveLength(before);
  });

  it('[KEY3] refuses an overlap of more than a week', async () => {
    expect((await ask('POST', `/keys/${exampleKey.id}/rotate`, { overlapSeconds: 604_801 })).status).toBe(
      400,
    );
  });
});
