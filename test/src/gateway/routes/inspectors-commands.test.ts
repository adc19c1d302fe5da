/** Commands for inspectors: who may give them ([CMD6]). */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandDescription } from '../../../../schema/command-description.ts';
import { commandTable } from '../../../../schema/command-table.ts';
import { serverCommandTable } from '../../../../schema/server-command-table.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { isOfOtherOrigin } from '../../../../src/gateway/http/cross-origin.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

const rows: readonly CommandDescription[] = [
  ...Object.values(commandTable),
  ...Object.values(serverCommandTable),
];
const commands = rows
  .filter(({ who }) => who === 'inspector')
  .map(({ rest }) => [rest.method, rest.path.replaceAll(/:[a-zA-Z]+/g, exampleIds.session)] as const);

let keyed: RunningGateway;
let keyless: RunningGateway;
beforeAll(async () => {
  keyed = await runGateway({ apiKeys: ['ordinary'], inspectKeys: ['inspecting'] });
  keyless = await runGateway({});
});
afterAll(() => Promise.all([keyed.gateway.close(), keyless.gateway.close()]));

describe('a command for inspectors', () => {
  const ask = (running: RunningGateway, [method, path]: (typeof commands)[number], headers = {}) =>
    running.request(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });

  it.each(commands)('[CMD6] %s %s needs an inspect key where keys are configured', async (...command) => {
    expect((await ask(keyed, command)).status).toBe(401);
    expect((await ask(keyed, command, { 'x-api-key': 'ordinary' })).status).toBe(403);
    expect((await ask(keyed, command, { 'x-api-key': 'inspecting' })).status).not.toBe(403);
    expect((await ask(keyless, command)).status).not.toBe(403);
  });

  it.each(commands)('[CMD6] %s %s is refused to pages of other origins', async (...command) => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${keyed.port + 1}`]) {
      expect((await ask(keyed, command, { 'x-api-key': 'inspecting', origin })).status).toBe(403);
      expect((await ask(keyless, command, { origin })).status).toBe(403);
    }
    const origin = `http://127.0.0.1:${keyless.port}`;
    expect((await ask(keyless, command, { origin })).status).not.toBe(403);
  });
});

it('[CMD6] only the host that is asked is its own origin, in capitals and with its default port too', () => {
  const host = fc.tuple(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }));
  fc.assert(
    fc.property(host, host, fc.constantFrom('http', 'https'), ([name, port], [other, otherPort], scheme) => {
      const shown = (domain: string, number: number | undefined) =>
        number === undefined ? domain : `${domain}:${number}`;
      const address = URL.parse(`${scheme}://${shown(name, port)}`)?.host;
      const otherAddress = URL.parse(`${scheme}://${shown(other, otherPort)}`)?.host;
      const origin = `${scheme}://${address}`;
      expect(isOfOtherOrigin(origin, shown(name, port).toUpperCase())).toBe(false);
      expect(isOfOtherOrigin(origin, shown(other, otherPort))).toBe(address !== otherAddress);
    }),
  );
  expect(isOfOtherOrigin('', 'callboard.example')).toBe(false);
  for (const origin of ['null', 'callboard.example', 'file://', 'http://callboard.example@evil.example']) {
    expect(isOfOtherOrigin(origin, 'callboard.example')).toBe(true);
  }
  for (const host of ['', '/', 'a b', 'callboard.example/@evil.example']) {
    expect(isOfOtherOrigin('http://evil.example', host)).toBe(true);
  }
});
