/**
 * Goal: nobody smuggles a request behind another one ([HTTP26]). Method: requests whose end is in doubt, through real
 * sockets, each with a second request behind its body, sent at once and sent when the first was answered; what counts is
 * which of the two were answered. Whatever is refused by the transport or by our edge is refused in the same way: 400 or 505,
 * and the connection is closed.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framingProblem } from '../../../../src/gateway/http/request-framing.ts';
import { type RunningGateway, rawExchange, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());

const json = '{"title":"a"}';
const size = json.length;
const chunked = `${size.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

function post(fields: string, body = json): string {
  return `POST /chat-sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${fields}\r\n\r\n${body}`;
}

function handshake(fields: string): string {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13';
  return `GET /chat-sessions HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n${fields}\r\n\r\n`;
}

/** Sends the second request when the first is answered. */
async function answersInTurn(first: string): Promise<{ statuses: readonly string[]; isClosed: boolean }> {
  const socket = connect(running.port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let received = '';
  socket.on('error', () => {});
  socket.once('close', () => resolve(true));
  socket.on('data', (chunk) => {
    const isFirst = received === '';
    received += chunk.toString('latin1');
    if (isFirst) socket.write(smuggled);
    else if (received.includes('/smuggled')) resolve(false);
  });
  socket.write(first);
  const isClosed = await promise;
  socket.destroy();
  return { statuses: statusesIn(received), isClosed };
}

/** Sends both together; the answers to others show that time has passed in which the second could have been answered. */
async function answeredTogether(first: string): Promise<string> {
  const socket = connect(running.port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = '';
  socket.on('error', () => {});
  socket.once('close', () => resolve());
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    resolve();
  });
  socket.write(first + smuggled);
  await promise;
  for (let asked = 0; asked < 5; asked++) await running.request('/health');
  socket.destroy();
  return received;
}

function statusesIn(received: string): readonly string[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = '']) => status);
}

const length = `Content-Length: ${size}`;
const chunkedField = 'Transfer-Encoding: chunked';

describe('[HTTP26] a request whose end is in doubt', () => {
  it.each([
    ['a smaller length first', post(`${length}\r\nContent-Length: ${size + smuggled.length}`)],
    ['a larger length first', post(`Content-Length: ${size + smuggled.length}\r\n${length}`)],
    ['the same length twice', post(`${length}\r\n${length}`)],
    ['an empty length', post('Content-Length:')],
    ['an empty coding', post('Transfer-Encoding:', chunked)],
    ['an empty coding beside a length', post(`Transfer-Encoding:\r\n${length}`)],
    ['chunked, identity', post('Transfer-Encoding: chunked, identity', chunked)],
    ['gzip, chunked', post('Transfer-Encoding: gzip, chunked', chunked)],
    ['xchunked', post('Transfer-Encoding: xchunked', chunked)],
    ['identity', post('Transfer-Encoding: identity', chunked)],
    ['chunked in quotes', post('Transfer-Encoding: "chunked"', chunked)],
    ['chunked with a parameter', post('Transfer-Encoding: chunked;q=1', chunked)],
    ['chunked twice', post(`${chunkedField}\r\n${chunkedField}`, chunked)],
    ['chunked, then identity', post(`${chunkedField}\r\nTransfer-Encoding: identity`, chunked)],
    ['identity, then chunked', post(`Transfer-Encoding: identity\r\n${chunkedField}`, chunked)],
    ['a chunked GET', post(chunkedField, chunked).replace('POST', 'GET')],
    ['a chunked DELETE', post(chunkedField, chunked).replace('POST', 'DELETE')],
    ['a handshake with a body', `${handshake('Content-Length: 10')}0123456789`],
    ['a method that is no word', `{"a":"b"}${smuggled}`],
  ])('%s: our edge refuses it', async (_, bytes) => {
    expect(await answeredTogether(bytes)).not.toContain('/smuggled');
    const received = await rawExchange(running.port, bytes);
    expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*Connection: close.*"error":"Bad Request"/s);
    expect(await answersInTurn(bytes)).toEqual({ statuses: ['400'], isClosed: true });
  });

  it.each([
    ['two lengths in one field', post(`Content-Length: ${size}, ${size + 1}`)],
    ['one length twice in one field', post(`Content-Length: ${size}, ${size}`)],
    ['a length with a plus', post(`Content-Length: +${size}`)],
    ['a hexadecimal length', post(`Content-Length: 0x${size.toString(16)}`)],
    ['a negative length', post('Content-Length: -1')],
    ['a length beyond 64 bits', post(`Content-Length: ${2n ** 64n + BigInt(size)}`)],
    ['a length with a point', post(`Content-Length: ${size}.0`)],
    ['a length with a space within', post('Content-Length: 1 3')],
    ['a space before the colon of the length', post(`Content-Length : ${size}`)],
    ['a length, then chunked', post(`Content-Length: 5\r\n${chunkedField}`, chunked)],
    ['chunked, then a length', post(`${chunkedField}\r\nContent-Length: 5`, chunked)],
    ['a space before the colon of the coding', post('Transfer-Encoding : chunked', chunked)],
    ['a tab before the colon of the coding', post('Transfer-Encoding\t: chunked', chunked)],
    ['a space before the name of the coding', post(' Transfer-Encoding: chunked', chunked)],
    ['a vertical tab before the coding', post('Transfer-Encoding: \x0bchunked', chunked)],
    ['a zero byte behind the coding', post('Transfer-Encoding: chunked\0', chunked)],
    ['a line that ends in LF alone', post(`X-A: b\n${chunkedField}\r\n${length}`)],
    ['a folded line', post(`X-A: b\r\n ${chunkedField}\r\n${length}`)],
    ['a folded coding', post('Transfer-Encoding:\r\n chunked', chunked)],
    ['a negative chunk', post(chunkedField, `-1\r\n${json}\r\n0\r\n\r\n`)],
    ['a chunk with a plus', post(chunkedField, `+d\r\n${json}\r\n0\r\n\r\n`)],
    ['a chunk with 0x', post(chunkedField, `0xd\r\n${json}\r\n0\r\n\r\n`)],
    ['a huge chunk', post(chunkedField, `ffffffffffffffff\r\n${json}\r\n0\r\n\r\n`)],
    ['a chunk beyond 64 bits', post(chunkedField, `1000000000000000d\r\n${json}\r\n0\r\n\r\n`)],
    ['a chunk that is no number', post(chunkedField, `zz\r\n${json}\r\n0\r\n\r\n`)],
    ['two hosts', post(`Host: evil\r\n${length}`)],
    ['a header without colon', post(`XA\r\n${length}`)],
    ['a zero byte in the name of a header', post(`X\0A: b\r\n${length}`)],
    ['HTTP/1.0', post(length).replace('HTTP/1.1', 'HTTP/1.0')],
    ['a path that is an address', post(length).replace('POST /', 'POST http://localhost/')],
  ])('%s: the transport refuses it', async (_, bytes) => {
    expect(await rawExchange(running.port, bytes + smuggled)).toMatch(/^HTTP\/1\.1 (400|505) /);
    const { statuses, isClosed } = await answersInTurn(bytes);
    expect([['400'], ['505']]).toContainEqual(statuses);
    expect(isClosed).toBe(true);
  });
});

describe('[HTTP26] a request whose end is certain', () => {
  it.each([
    ['a length', post(length)],
    ['a length with zeros before it', post(`Content-Length: 000${size}`)],
    ['a length between spaces', post(`Content-Length: \t ${size} `)],
    ['a GET with a body', post(length).replace('POST', 'GET')],
  ])('%s: it is answered, and so is the next one', async (_, bytes) => {
    const { statuses, isClosed } = await answersInTurn(bytes);
    expect(statuses).toEqual([bytes.startsWith('GET') ? '200' : '201', '404']);
    expect(isClosed).toBe(false);
  });

  it.each([
    ['chunked', post(chunkedField, chunked)],
    ['Chunked', post('Transfer-Encoding: Chunked', chunked)],
    // Who passes these on may take another end for theirs.
    ['chunks whose lines end in LF alone', post(chunkedField, `d\n${json}\n0\n\n`)],
    ['chunks that end in other bytes', post(chunkedField, `d\r\n${json}XX0\r\n\r\n`)],
  ])('%s: it is answered, and nothing behind it', async (_, bytes) => {
    expect(statusesIn(await rawExchange(running.port, bytes))).toEqual(['201']);
    expect(await answeredTogether(bytes)).not.toContain('/smuggled');
    expect(await answersInTurn(bytes)).toEqual({ statuses: ['201'], isClosed: true });
  });
});

it('[HTTP26] of any fields, only one number or one `chunked` says where a body ends', () => {
  const value = fc.oneof(
    fc.constantFrom('chunked', 'CHUNKED', '5', '0', '', 'identity'),
    fc.string({ maxLength: 8 }),
  );
  const fields = fc.record({
    lengths: fc.array(value, { maxLength: 2 }),
    codings: fc.array(value, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'), fields, (method, { lengths, codings }) => {
      const isNumber = lengths.length === 1 && codings.length === 0 && /^[0-9]+$/.test(lengths[0] ?? '');
      const isChunked =
        codings.length === 1 && lengths.length === 0 && (codings[0] ?? '').toLowerCase() === 'chunked';
      const isSound =
        isNumber ||
        (isChunked && (method === 'POST' || method === 'PATCH')) ||
        lengths.length + codings.length === 0;
      expect(framingProblem(method, { lengths, codings }, false) === null).toBe(isSound);
    }),
  );
});
