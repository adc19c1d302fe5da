/**
 * Answers of providers as bytes. Goal: what a provider sends is what its reader gets, whether or not the reader keeps
 * up, and a connection serves one request after the other. Method: servers on loopback.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { askInPlace } from '../../../../src/engines/providers/provider-answer.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

const question = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
const unending = new AbortController().signal;

async function wholeText(address: string): Promise<string> {
  const { bytes } = await askInPlace(address, question, unending);
  const chunks: Uint8Array[] = [];
  for (let chunk = await bytes.next(); chunk !== null; chunk = await bytes.next()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test.each([undefined, 'gzip', 'x-gzip'])('[PRV4] reads an answer whose encoding is %s', async (encoding) => {
  const text = 'data: Grüße\n\n'.repeat(1000);
  const address = await served((_request, response) => {
    response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding });
    response.end(encoding === undefined ? text : gzipSync(text));
  });
  expect(await wholeText(address)).toBe(text);
});

test('[PRV4] reads no more than it may hold while nobody takes it, and all of it in the end', async () => {
  const chunk = 'x'.repeat(64 * 1024);
  const chunks = (4 * limits.providerHeldBytesMax) / chunk.length + 200;
  let written = 0;
  const address = await served((_request, response) => {
    const write = () => {
      while (written < chunks && !response.destroyed) {
        written++;
        if (!response.write(chunk)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  const { bytes } = await askInPlace(address, question, unending);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(written).toBeLessThan(chunks);
  let length = 0;
  for (let next = await bytes.next(); next !== null; next = await bytes.next()) length += next.length;
  expect(length).toBe(chunks * chunk.length);
});

test('[PRV4] an answer that is over leaves its connection to the next request', async () => {
  const ports = new Set<number | undefined>();
  const address = await served((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('whole');
  });
  for (let count = 0; count < 3; count++) {
    const { bytes } = await askInPlace(address, question, unending);
    expect(Buffer.from((await bytes.next()) ?? []).toString()).toBe('whole');
    expect(await bytes.next()).toBe(null);
    bytes.stop();
    // The connection is free when its reader has seen the end.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(ports.size).toBe(1);
});

test('the name and password in an address are told as HTTP has it, unless a header says who asks', async () => {
  const told: (string | undefined)[] = [];
  const address = await served((request, response) => {
    told.push(request.headers.authorization);
    response.end();
  });
  const named = address.replace('//', '//me:p%40ss@');
  await askInPlace(named, question, unending);
  await askInPlace(named, { ...question, headers: { authorization: 'Bearer key' } }, unending);
  expect(told).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`, 'Bearer key']);
});

test('a request that is given up rejects, and so does the rest of its answer', async () => {
  const address = await served((_request, response) => void response.write('begun'));
  await expect(askInPlace(address, question, AbortSignal.abort())).rejects.toThrow('given up');
  const abort = new AbortController();
  const { bytes } = await askInPlace(address, question, abort.signal);
  expect(Buffer.from((await bytes.next()) ?? []).toString()).toBe('begun');
  abort.abort();
  await expect(bytes.next()).rejects.toThrow('given up');
});
