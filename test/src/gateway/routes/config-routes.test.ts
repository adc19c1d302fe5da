/** The routes of the runtime config: flags by any name, who asks, bad input. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeConfigSchema } from '../../../../schema/runtime-config.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
let keyed: RunningGateway;
beforeAll(async () => {
  running = await runGateway({});
  keyed = await runGateway({ apiKeys: [{ key: 'ordinary', scopes: ['config'] }] });
});
afterAll(() => Promise.all([running.gateway.close(), keyed.gateway.close()]));

const put = (to: RunningGateway, name: string, body: unknown, headers: Record<string, string> = {}) =>
  to.request(`/config/flags/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('flags', () => {
  it('[CFG4] sets a flag of any name', async () => {
    for (const name of ['logs', 'a b/ü', 'constructor', 'x'.repeat(256)]) {
      const answer = await put(running, encodeURIComponent(name), { value: false });
      expect(answer.status).toBe(200);
      const { features } = runtimeConfigSchema.parse(await answer.json());
      expect(Object.hasOwn(features, name) && features[name]).toBe(false);
    }
  });

  it.each([
    ['__proto__', { value: true }, 'name'],
    ['x'.repeat(257), { value: true }, 'name'],
    ['a%00', { value: true }, 'name'],
    ['logs', { value: 'true' }, 'value'],
    ['logs', {}, 'value'],
  ])('[CFG4] refuses %s %j', async (name, body, property) => {
    const answer = await put(running, name, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ details: { errors: [{ property }] } });
  });

  it('[CFG6] tells the door who asks, without the key', async () => {
    await put(keyed, 'logs', { value: true }, { 'x-api-key': 'ordinary' });
    const [, , , by] = keyed.services.calls.findLast(([name]) => name === 'setFlag') ?? [];
    expect(by).toMatch(/^key:[\w-]{22}$/);
    await put(running, 'logs', { value: true });
    expect(running.services.calls.at(-1)).toEqual(['setFlag', 'logs', true, 'local']);
  });
});
