/** Bodies that a route declares for itself, through real sockets. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { limits } from '../../../../schema/limits.ts';
import { accepted, refusal, refused } from '../../../../schema/refusal.ts';
import { type ArrivingBody, BodyCutOff } from '../../../../src/gateway/http/arriving-body.ts';
import { type Route, route, takesNothing, uploadRoute } from '../../../../src/gateway/http/route.ts';
import { routeMatcher } from '../../../../src/gateway/http/route-match.ts';
import { type RunningGateway, rawExchange, runGateway } from '../running-gateway.ts';

const bytesMax = 8 * 1024 * 1024;
/** More than the kernel's buffers of both ends hold. */
const uploadBytesMax = 48 * 1024 * 1024;

/** What the test makes the upload route do with the next body. */
let onUpload: (body: ArrivingBody) => Promise<string>;
let uploads = 0;
let refusalCode: 'unavailable' | 'overloaded' = 'unavailable';

const response = { status: 201, description: 'Done.', schema: z.unknown() } as const;
const described = { method: 'POST', tag: 'test', summary: 'A route of this test.', response } as const;
const routes: readonly Route[] = [
  route({
    ...takesNothing,
    ...described,
    path: '/long-json',
    takes: { form: 'json', bytesMax: () => bytesMax },
    body: z.object({ text: z.string() }),
    answer: (_, { body }) => accepted({ length: body.text.length }),
  }),
  route({
    ...takesNothing,
    ...described,
    path: '/huge-json',
    takes: { form: 'json', bytesMax: () => limits.largeBodiesBytesMax * 2 },
    body: z.object({ text: z.string() }),
    answer: (_, { body }) => accepted({ length: body.text.length }),
  }),
  uploadRoute({
    ...described,
    path: '/bytes',
    takes: { form: 'bytes', bytesMax: () => uploadBytesMax },
    answer: async (_, { body }) => {
      uploads++;
      return accepted({ said: await onUpload(body) });
    },
  }),
  uploadRoute({
    ...described,
    path: '/refusing',
    takes: { form: 'bytes', bytesMax: () => bytesMax },
    answer: async () => refused(refusal(refusalCode, 'Not now')),
  }),
];

async function hashOf(body: ArrivingBody): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

function openSocket(): Socket {
  const socket = connect(running.port, '127.0.0.1');
  // The server cuts connections off; tests look at what it said before.
  socket.on('error', () => {});
  return socket;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  running.request(path, { method: 'POST', body, headers: { 'x-api-key': 'secret', ...headers } });
const json = { 'content-type': 'application/json' };

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway({ apiKeys: ['secret'], routes });
});
afterAll(() => running.gateway.close());

describe('larger JSON', () => {
  it('[HTTP23] a route that takes larger JSON gets it, up to its own limit', async () => {
    const text = 'x'.repeat(5_000_000);
    const answer = await post('/long-json', JSON.stringify({ text }), json);
    expect([answer.status, await answer.json()]).toEqual([201, { length: text.length }]);
    const over = await post('/long-json', JSON.stringify({ text: 'x'.repeat(bytesMax) }), json);
    expect([over.status, over.headers.get('connection')]).toEqual([413, 'close']);
    expect(await over.json()).toMatchObject({
      message: `Request body must not be larger than ${bytesMax} bytes`,
    });
    expect((await post('/long-json', '{"text":1}', json)).status).toBe(400);
    expect((await post('/long-json', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it.each(['/long-json', '/bytes'])(
    '[HTTP23] the key is checked before a body for %s is kept',
    async (path) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`;
      // Only the head is sent: the refusal does not wait for the body.
      const received = await rawExchange(running.port, head);
      expect(received).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
      expect(received).toContain('Connection: close');
    },
  );

  it('[HTTP24] finds no room beside other large bodies, and room again when they are gone', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 0x20);
    const large = openSocket();
    large.write(
      `POST /huge-json HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nContent-Length: ${limits.largeBodiesBytesMax + 1}\r\n\r\n`,
    );
    for (let sent = 0; sent < limits.largeBodiesBytesMax; sent += mebibyte.length) {
      await new Promise<void>((resolve) => {
        large.write(mebibyte, () => resolve());
      });
    }
    await expect.poll(async () => (await post('/long-json', '{"text":"x"}', json)).status).toBe(503);
    expect((await running.request('/nowhere')).status).toBe(404);
    large.destroy();
    await expect.poll(async () => (await post('/long-json', '{"text":"x"}', json)).status).toBe(201);
  }, 30_000);
});

describe('bytes', () => {
  it('[HTTP25] any bytes in any chunks arrive as they were sent', async () => {
    onUpload = hashOf;
    const parts = fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(parts, async (chunks) => {
        const whole = Buffer.concat(chunks);
        const head = `POST /bytes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const body = chunks
          .filter(({ length }) => length > 0)
          .flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
          .map((part) => Buffer.from(part));
        const request = Buffer.concat([Buffer.from(head), ...body, Buffer.from('0\r\n\r\n')]);
        const received = await rawExchange(running.port, request, (text) => text.includes('"said"'));
        expect(received).toContain(sha256(whole));
      }),
      { numRuns: 30 },
    );
  });

  it('[HTTP23] [HTTP25] more than the limit cuts the body off, declared or not', async () => {
    const ends: unknown[] = [];
    onUpload = async (body) => {
      try {
        return await hashOf(body);
      } catch (error) {
        ends.push(error instanceof BodyCutOff && error.refusal?.code);
        throw error;
      }
    };
    const declared = `POST /bytes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nContent-Length: ${uploadBytesMax + 1}\r\n\r\n`;
    expect(await rawExchange(running.port, declared)).toMatch(/^HTTP\/1\.1 413 /);
    const chunk = Buffer.from(`100000\r\n${'x'.repeat(0x100000)}\r\n`);
    const chunked = `POST /bytes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const request = Buffer.concat([Buffer.from(chunked), ...Array.from({ length: 49 }, () => chunk)]);
    expect(await rawExchange(running.port, request)).toMatch(/^HTTP\/1\.1 413 /);
    expect(ends).toEqual(['body_too_large', 'body_too_large']);
  });

  it('[HTTP25] a client that sends faster than the route reads is held back', async () => {
    const start = Promise.withResolvers<void>();
    onUpload = async (body) => {
      await start.promise;
      return await hashOf(body);
    };
    const socket = openSocket();
    const bytes = Buffer.alloc(uploadBytesMax, 'abc');
    socket.write(
      `POST /bytes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nContent-Length: ${uploadBytesMax}\r\n\r\n`,
    );
    let flushed = false;
    socket.write(bytes, () => {
      flushed = true;
    });
    // Answers to other requests show that time has passed; nothing else could show that nothing more was taken.
    for (let asked = 0; asked < 50; asked++) await running.request('/nowhere');
    expect(flushed).toBe(false);
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
        if (text.includes('"said"')) resolve(text);
      });
    });
    start.resolve();
    expect(await answer).toContain(sha256(bytes));
    socket.destroy();
  });

  it('[HTTP25] the route is told when the client goes away, and others are served', async () => {
    const gone = Promise.withResolvers<unknown>();
    onUpload = (body) =>
      hashOf(body).catch((error: unknown) => {
        gone.resolve(error);
        throw error;
      });
    const socket = openSocket();
    const before = uploads;
    socket.write(
      'POST /bytes HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nContent-Length: 100\r\n\r\nhalf of it',
    );
    await expect.poll(() => uploads).toBe(before + 1);
    socket.destroy();
    const error = await gone.promise;
    expect(error instanceof BodyCutOff && error.refusal).toBeNull();
    onUpload = hashOf;
    expect((await post('/bytes', 'x')).status).toBe(201);
  });

  it('[HTTP25] a client that is refused while it sends may send all of it, and reads why', async () => {
    refusalCode = 'unavailable';
    for (let round = 0; round < 5; round++) {
      const answer = await post('/refusing', 'x'.repeat(bytesMax));
      expect([answer.status, answer.headers.get('connection')]).toEqual([503, null]);
    }
    const tooMuch = await post('/refusing', 'x'.repeat(bytesMax + 1));
    expect([tooMuch.status, tooMuch.headers.get('connection')]).toEqual([503, 'close']);
  });

  it('[HTTP25] a server that is overloaded closes the connection instead', async () => {
    refusalCode = 'overloaded';
    const head = `POST /refusing HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: secret\r\nContent-Length: ${bytesMax}\r\n\r\nx`;
    expect(await rawExchange(running.port, head)).toMatch(/^HTTP\/1\.1 503 .*Connection: close/s);
  });

  it('[HTTP23] other methods of the path are unknown, whatever their body', () => {
    expect(routeMatcher(routes)('PUT', '/bytes')).toBeUndefined();
  });
});
