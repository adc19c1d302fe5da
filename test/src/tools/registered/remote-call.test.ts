/**
 * Calls of registered tools. Goal: a signed request reaches the registered endpoint and nothing else; whatever comes
 * back is a result or a clear failure, within bounds. Method: real connections to endpoints on loopback, with the name
 * server replaced where names matter; signatures are judged by the library of Standard Webhooks.
 */
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegisteredTool } from '../../../../schema/registered-tool.ts';
import { systemClock } from '../../../../src/clock.ts';
import type { FindAddresses } from '../../../../src/tools/registered/checked-connector.ts';
import { registeredToolBox } from '../../../../src/tools/registered/registered-tool-box.ts';
import { type RemoteCalls, remoteCalls } from '../../../../src/tools/registered/remote-call.ts';
import { toolSecret } from '../../../../src/tools/registered/webhook-signature.ts';
import { exampleTool } from '../../../fakes/example-tool.ts';
import {
  type AnswerCall,
  json,
  type ToolEndpoint,
  toolEndpoint,
  verifiedCall,
} from '../../../fakes/tool-endpoint.ts';
import { toolRun } from '../../../fakes/tool-run.ts';

const key = Buffer.alloc(32, 7);
let endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings) await end();
  endings = [];
});

async function endpoint(answer: AnswerCall): Promise<ToolEndpoint> {
  const made = await toolEndpoint(answer);
  endings.push(made.stop);
  return made;
}

function calls(
  privateNetworks: readonly string[] = ['127.0.0.1'],
  findAddresses?: FindAddresses,
): RemoteCalls {
  const made = remoteCalls({
    clock: systemClock,
    random: () => 0,
    privateNetworks,
    ...(findAddresses === undefined ? {} : { findAddresses }),
  });
  endings.push(made.stop);
  return made;
}

const secrets = [toolSecret(key, exampleTool)];
const secret = secrets[0] ?? '';

function tool(url: string, more: Partial<RegisteredTool> = {}): RegisteredTool {
  return { ...exampleTool, url, ...more };
}

const once = (remote: RemoteCalls, definition: RegisteredTool, argumentsJson = '{"city":"Oslo"}') =>
  remote.call(definition, secrets, JSON.parse(argumentsJson), toolRun({ argumentsJson }));

function failure(message: unknown) {
  return { ok: false, refusal: { message } };
}

describe('a call of a registered tool', () => {
  it('[RTL10] [RTL11] is one signed POST that any library for Standard Webhooks verifies', async () => {
    const there = await endpoint(json({ degrees: 21 }));
    expect(await once(calls(), tool(`${there.url}/weather?unit=c`))).toEqual({
      ok: true,
      value: { degrees: 21 },
    });
    const [call] = there.asked;
    if (call === undefined) throw new Error('no call arrived');
    expect(call.path).toBe('/weather?unit=c');
    expect(verifiedCall(secret, call)).toEqual({
      callId: '33333333-3333-4333-8333-333333333333',
      name: 'weather',
      arguments: { city: 'Oslo' },
      sessionId: '11111111-1111-4111-8111-111111111111',
    });
    expect(call.headers['webhook-id']).toBe('33333333-3333-4333-8333-333333333333');
    expect(() => verifiedCall(secret, { ...call, body: call.body.replace('Oslo', 'Rome') })).toThrow();
    expect(() => verifiedCall(toolSecret(key, { name: 'weather', secretVersion: 2 }), call)).toThrow();
  });

  it('[RTL10] [RTL12] keeps every digit of numbers, on the way there and back', async () => {
    const there = await endpoint((response) => {
      response.writeHead(200, { 'content-type': 'application/problem+json; charset=utf-8' });
      response.end('{"id":12345678901234567890}');
    });
    const answer = await once(calls(), tool(there.url), '{"id":98765432109876543210}');
    expect(JSON.stringify(answer)).toBe('{"ok":true,"value":{"id":12345678901234567890}}');
    expect(there.asked[0]?.body).toContain('"arguments":{"id":98765432109876543210}');
  });

  it('[RTL8] is signed with both secrets after a rotation, for a day', async () => {
    const there = await endpoint(json(null));
    let now = Date.parse('2026-11-24T00:00:00.000Z');
    const clock = { ...systemClock, now: () => now };
    const box = registeredToolBox({ calls: calls(), key, clock, holderOf: () => null });
    const at = '2026-11-23T12:00:00.000Z';
    box.offer([tool(there.url, { secretVersion: 2, secretSince: at })]);
    await box.find('weather')?.run({}, toolRun());
    now += 24 * 60 * 60 * 1000;
    await box.find('weather')?.run({}, toolRun());
    const signatures = there.asked.map(
      ({ headers }) => String(headers['webhook-signature']).split(' ').length,
    );
    expect(signatures).toEqual([2, 1]);
    const [first, second] = there.asked;
    if (first === undefined || second === undefined) throw new Error('two calls');
    for (const secretVersion of [1, 2]) {
      verifiedCall(box.secretOf({ name: 'weather', secretVersion }), first);
    }
    verifiedCall(box.secretOf({ name: 'weather', secretVersion: 2 }), second);
    expect(() => verifiedCall(box.secretOf({ name: 'weather', secretVersion: 1 }), second)).toThrow();
  });

  it('[RTL8] has a secret that is its own', () => {
    const all = [
      toolSecret(key, { name: 'a', secretVersion: 1 }),
      toolSecret(key, { name: 'a', secretVersion: 2 }),
      toolSecret(key, { name: 'a 1', secretVersion: 1 }),
      toolSecret(Buffer.alloc(32, 8), { name: 'a', secretVersion: 1 }),
    ];
    expect(new Set(all).size).toBe(4);
    for (const one of all) expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe('an answer that is none', () => {
  const html: AnswerCall = (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Sign in</title>');
  };
  const plain: AnswerCall = (response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('21 degrees');
  };
  const raw =
    (body: string | Buffer, headers: Record<string, string> = {}): AnswerCall =>
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(body);
    };

  it.each([
    ['a page', html, /HTTP 200 OK with an HTML page titled Sign in/],
    ['plain text', plain, /HTTP 200 OK: 21 degrees; the answer must be JSON/],
    ['half of its JSON', raw('{"degrees":'), /The answer is not JSON: \{"degrees":/],
    ['nothing', raw(''), /The answer is not JSON/],
    ['bytes that are no text', raw(Buffer.from([0xff, 0xfe, 0x22])), /not UTF-8/],
    ['a hundred thousand brackets', raw('['.repeat(100_000)), /nested more than 200 levels/],
    ['compressed JSON', raw(gzipSync('{}'), { 'content-encoding': 'gzip' }), /compressed \(gzip\)/],
    [
      'its own error',
      json({ error: { message: 'no such city' } }, 422),
      /HTTP 422 Unprocessable Entity: no such city/,
    ],
  ] as const)('[RTL12] fails its call, and says what came: %s', async (_words, answer, message) => {
    const there = await endpoint(answer);
    expect(await once(calls(), tool(there.url))).toMatchObject(failure(expect.stringMatching(message)));
    expect(there.asked).toHaveLength(1);
  });

  it('[RTL12] is none of these: JSON, nothing with 204', async () => {
    const there = await endpoint((response, _call, index) => {
      if (index === 0) response.writeHead(204).end();
      else raw('"21"')(response, { path: '', headers: {}, body: '' }, index);
    });
    expect(await once(calls(), tool(there.url))).toEqual({ ok: true, value: null });
    expect(await once(calls(), tool(there.url))).toEqual({ ok: true, value: '21' });
  });

  it.each([true, false])(
    '[RTL13] is not read beyond its bound: 10 MB, announced: %s',
    async (isAnnounced) => {
      const total = 10 * 1024 * 1024;
      let sent = 0;
      const there = await endpoint((response) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          ...(isAnnounced ? { 'content-length': String(total) } : {}),
        });
        const more = () => {
          while (sent < total && !response.destroyed) {
            sent += 65_536;
            if (!response.write(Buffer.alloc(65_536, 0x20))) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
      expect(await once(calls(), tool(there.url))).toMatchObject(
        failure('HTTP 200 with an answer of more than 4194304 bytes'),
      );
      await there.idle();
      expect(sent).toBeLessThan(total);
    },
  );

  it('[RTL15] ends with the call that it is for: nothing is left of one that hangs', async () => {
    const abort = new AbortController();
    const there = await endpoint(() => abort.abort(new Error('took too long')));
    const run = toolRun({ signal: abort.signal });
    await expect(calls().call(tool(there.url, { repeatable: true }), secrets, {}, run)).rejects.toThrow();
    await there.idle();
    expect(there.asked).toHaveLength(1);
  });
});

describe('a redirection', () => {
  const to =
    (status: number, location: string): AnswerCall =>
    (response) => {
      response.writeHead(status, { location });
      response.end();
    };

  it.each([307, 308])('[RTL14] with %d is followed within the origin, signed anew', async (status) => {
    const there = await endpoint((response, call, index) =>
      (index === 0 ? to(status, '/moved') : json('here'))(response, call, index),
    );
    expect(await once(calls(), tool(there.url))).toEqual({ ok: true, value: 'here' });
    expect(there.asked.map(({ path }) => path)).toEqual(['/', '/moved']);
    for (const call of there.asked) verifiedCall(secret, call);
    // Each was sent over a connection of its own, whose address was checked.
    expect(there.connections()).toBe(2);
  });

  it.each([
    [302, '/moved', /302 redirects in a way that would lose the request/],
    [307, '', /307 without a place to go/],
    [307, 'http://169.254.169.254/latest/meta-data', /another origin, http:\/\/169\.254\.169\.254/],
    [308, 'http://127.0.0.1:1/', /another origin/],
    [307, '//example.org/', /another origin/],
    [307, 'file:///etc/passwd', /another origin/],
    [307, 'http://[', /without a place to go/],
  ] as const)('[RTL14] with %d to %j is not followed', async (status, location, message) => {
    const there = await endpoint(to(status, location));
    const answer = await once(calls(), tool(there.url, { repeatable: true }));
    expect(answer).toMatchObject(failure(expect.stringMatching(message)));
    expect(there.asked).toHaveLength(1);
  });

  it('[RTL14] is followed three times at most', async () => {
    const there = await endpoint(to(307, '/round'));
    expect(await once(calls(), tool(there.url))).toMatchObject(
      failure(expect.stringContaining('redirects more than 3 times')),
    );
    expect(there.asked).toHaveLength(4);
  });

  it('[RTL14] is checked anew: a name that led elsewhere meanwhile is not asked', async () => {
    const there = await endpoint(to(307, '/again'));
    const { port } = new URL(there.url);
    const answers = ['127.0.0.1', '169.254.169.254'];
    const remote = calls(['127.0.0.1'], (_name, found) => {
      found(null, [{ address: answers.shift() ?? '', family: 4 }]);
    });
    expect(await once(remote, tool(`http://tools.example:${port}/`))).toMatchObject(
      failure(expect.stringContaining('tools.example has an address that is not allowed: 169.254.169.254')),
    );
    expect(there.asked).toHaveLength(1);
  });
});

describe('an address that is not public', () => {
  it('[RTL14] is not connected to, as it is written or as a name resolves, and never tried again', async () => {
    const there = await endpoint(json('secret'));
    const { port } = new URL(there.url);
    let asked = 0;
    const remote = calls([], (_name, found) => {
      asked++;
      found(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    });
    const hosts = [
      '127.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      'localhost',
      'tools.example',
    ];
    for (const host of hosts) {
      const answer = await once(remote, tool(`http://${host}:${port}/`, { repeatable: true }));
      expect(answer).toMatchObject(failure(expect.stringContaining('toolPrivateNetworks')));
    }
    expect([there.connections(), asked]).toEqual([0, 2]);
  });

  it('[RTL14] is not reached through a proxy of the environment either', async () => {
    let proxied = 0;
    const proxy = createServer((_request, response) => {
      proxied++;
      response.end('"proxied"');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const names = ['HTTP_PROXY', 'http_proxy'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = `http://127.0.0.1:${port}`;
    try {
      const there = await endpoint(json('direct'));
      expect(await once(calls(), tool(there.url))).toEqual({ ok: true, value: 'direct' });
      expect(proxied).toBe(0);
    } finally {
      // One by one: native code does not see what is written to an object that took the place of `process.env`.
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
});

describe('a call that gave no result', () => {
  const busyTwice: AnswerCall = (response, call, index) =>
    json(index < 2 ? { error: 'busy' } : 'at last', index < 2 ? 503 : 200)(response, call, index);

  it('[RTL16] is tried again if the tool is repeatable, as the same message', async () => {
    const there = await endpoint(busyTwice);
    expect(await once(calls(), tool(there.url, { repeatable: true }))).toEqual({
      ok: true,
      value: 'at last',
    });
    expect(new Set(there.asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(there.asked).toHaveLength(3);
    for (const call of there.asked) verifiedCall(secret, call);
  });

  it('[RTL16] is tried three times at most, and not at all again if the tool is not repeatable', async () => {
    const there = await endpoint(json({ error: 'busy' }, 429));
    expect(await once(calls(), tool(there.url, { repeatable: true }))).toMatchObject(
      failure('The endpoint of weather gave no result (tried 3 times): HTTP 429 Too Many Requests: busy'),
    );
    expect(await once(calls(), tool(there.url))).toMatchObject(failure(expect.stringContaining('HTTP 429')));
    expect(there.asked).toHaveLength(4);
  });

  it('[RTL16] is tried again when the connection broke, or was refused', async () => {
    const there = await endpoint((response, call, index) => {
      if (index === 0) response.destroy();
      else json('back')(response, call, index);
    });
    expect(await once(calls(), tool(there.url, { repeatable: true }))).toEqual({ ok: true, value: 'back' });
    await there.stop();
    endings = endings.filter((end) => end !== there.stop);
    expect(await once(calls(), tool(there.url, { repeatable: true }))).toMatchObject(
      failure(expect.stringMatching(/\(tried 3 times\): it cannot be reached: .*ECONNREFUSED/)),
    );
  });

  it('[RTL15] [RTL16] is not tried again once nobody needs it', async () => {
    const abort = new AbortController();
    const there = await endpoint((response, call, index) => {
      json({ error: 'busy' }, 503)(response, call, index);
      response.on('close', () => setImmediate(() => abort.abort(new Error('cancelled'))));
    });
    const run = toolRun({ signal: abort.signal });
    await expect(calls().call(tool(there.url, { repeatable: true }), secrets, {}, run)).rejects.toThrow(
      'cancelled',
    );
    expect(there.asked).toHaveLength(1);
  });
});
