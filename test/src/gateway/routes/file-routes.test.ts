/** The routes of files through real sockets, with bytes and rows in memory. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { parse } from 'content-disposition';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { harmlessFileName, type StoredFile, storedFileSchema } from '../../../../schema/file.ts';
import { limits } from '../../../../schema/limits.ts';
import { requestedRange } from '../../../../src/gateway/http/byte-range.ts';
import { fileHead } from '../../../../src/gateway/http/file-head.ts';
import { type RunningGateway, rawExchange, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());

const upload = (body: string | Buffer, headers: Record<string, string> = {}) =>
  running.request('/files', { method: 'POST', body, headers });
const stored = async (body: string | Buffer, headers: Record<string, string> = {}): Promise<StoredFile> => {
  const response = await upload(body, headers);
  expect(response.status).toBe(201);
  return storedFileSchema.parse(await response.json());
};
const get = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
  running.request(`/files/${id}`, { method, headers });

const text = 'It is twenty to five.';
const sha256 = createHash('sha256').update(text).digest('hex');
const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';

describe('storing', () => {
  it('[FIL1] [FIL3] answers 201 with what the file is, whatever the client says of it', async () => {
    const response = await upload(text, { 'content-type': 'image/png', 'x-file-name': 'clock.png' });
    expect(response.status).toBe(201);
    const file = storedFileSchema.parse(await response.json());
    expect(Object.keys(file)).toEqual(['id', 'name', 'type', 'bytes', 'sha256']);
    expect(file).toMatchObject({ name: 'clock.png', type: 'text/plain', bytes: text.length, sha256 });
  });

  it('[FIL1] [FIL2] an empty body without a name is a file of 0 bytes', async () => {
    const file = await stored('');
    expect(file).toMatchObject({ name: 'file', bytes: 0 });
    const response = await get(file.id);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '0',
      '',
    ]);
    expect((await get(file.id, { range: 'bytes=0-' })).status).toBe(416);
  });

  it('[FIL2] takes the name from the header, in percent-encoding', async () => {
    const name = encodeURIComponent('../../概要\u202e.txt');
    expect(await stored(text, { 'x-file-name': name })).toMatchObject({ name: '概要.txt' });
  });

  it('[FIL5] a file over the limit is 413, as soon as its length is declared', async () => {
    const head = `POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${limits.fileBytesMax + 1}\r\n\r\n`;
    expect(await rawExchange(running.port, head)).toMatch(/^HTTP\/1\.1 413 .*must not be larger than/s);
  });

  it('[FIL8] the same key with the same bytes stores one file, with others it is refused', async () => {
    const named = { 'idempotency-key': 'one', 'x-file-name': 'a.txt' };
    const first = await stored('once', named);
    expect(await stored('once', named)).toEqual(first);
    expect((await upload('twice', named)).status).toBe(409);
    expect((await upload('once', { ...named, 'x-file-name': 'b.txt' })).status).toBe(409);
    expect((await upload('once', { 'idempotency-key': 'k'.repeat(300) })).status).toBe(400);
    const [one, other] = await Promise.all([
      stored('together', { 'idempotency-key': 'two' }),
      stored('together', { 'idempotency-key': 'two' }),
    ]);
    expect(one).toEqual(other);
  });
});

describe('reading', () => {
  it('[FIL9] sends the bytes with their tag and type; HEAD the same without them', async () => {
    const { id } = await stored(text);
    const response = await get(id);
    expect(await response.text()).toBe(text);
    const head = await get(id, { range: 'bytes=1-2' }, 'HEAD');
    expect(await head.text()).toBe('');
    for (const { status, headers } of [response, head]) {
      expect(status).toBe(200);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-length': String(text.length),
        'content-type': 'text/plain; charset=utf-8',
        'accept-ranges': 'bytes',
        etag: `"${sha256}"`,
        'cache-control': 'private, max-age=31536000, immutable',
        'content-disposition': 'inline; filename=file',
      });
    }
  });

  it('[FIL9] an unknown file is 404, and an id that is none is 400', async () => {
    const response = await get('00000000-0000-4000-8000-000000000000');
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { message: 'File 00000000-0000-4000-8000-000000000000 not found' },
    ]);
    expect((await get('x')).status).toBe(400);
  });

  it('[FIL10] any range is exactly its slice, or 416, or the whole', async () => {
    const { id } = await stored(text);
    const offset = fc.oneof(
      fc.nat({ max: 30 }).map(String),
      fc.constantFrom('', '00', '99999999999999999999999'),
    );
    await fc.assert(
      fc.asyncProperty(offset, offset, async (first, last) => {
        const response = await get(id, { range: `bytes=${first}-${last}` });
        const body = await response.text();
        const [start, end] = [Number(first), Number(last)];
        if (first === '' && last !== '') {
          expect(response.status).toBe(end === 0 ? 416 : 206);
          if (end > 0) expect(body).toBe(text.slice(-Math.min(end, text.length)));
        } else if (first === '' || (last !== '' && end < start)) {
          expect([response.status, body]).toEqual([200, text]);
        } else if (start >= text.length) {
          expect([response.status, response.headers.get('content-range')]).toEqual([
            416,
            `bytes */${text.length}`,
          ]);
        } else {
          const until = last === '' ? text.length : Math.min(end + 1, text.length);
          expect([response.status, body]).toEqual([206, text.slice(start, until)]);
          const range = `bytes ${start}-${until - 1}/${text.length}`;
          expect(response.headers.get('content-range')).toBe(range);
          expect(response.headers.get('content-length')).toBe(String(until - start));
        }
      }),
      { numRuns: 120 },
    );
  });

  it.each(['bytes=0-1,3-4', 'bytes=a-b', 'lines=0-1', 'bytes=1', 'bytes=-', ''])(
    '[FIL10] "%s" is no single range of bytes, and is ignored',
    (header) => {
      expect(requestedRange(header, 10)).toBe('whole');
    },
  );

  it('[FIL10] [FIL11] If-Range and If-None-Match go by the tag', async () => {
    const { id } = await stored(text);
    const etag = `"${sha256}"`;
    const statusOf = async (headers: Record<string, string>) => (await get(id, headers)).status;
    expect(await statusOf({ range: 'bytes=0-1', 'if-range': etag })).toBe(206);
    expect(await statusOf({ range: 'bytes=0-1', 'if-range': '"other"' })).toBe(200);
    expect(await statusOf({ range: 'bytes=0-1', 'if-range': 'Fri, 27 Nov 2026 20:00:00 GMT' })).toBe(200);
    expect(await statusOf({ range: 'bytes=99-', 'if-range': '"other"' })).toBe(200);
    const known = await get(id, { 'if-none-match': `"other", W/${etag}`, range: 'bytes=0-1' });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, etag, '']);
    expect(await statusOf({ 'if-none-match': '*' })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"other"' })).toBe(200);
  });

  it('[FIL12] an SVG with a script is plain text in a sandbox, also as a range, a HEAD, a 304 and a 416', async () => {
    const file = await stored(svg, { 'x-file-name': 'logo.svg', 'content-type': 'image/svg+xml' });
    expect(file.type).toBe('text/plain');
    const answers = [
      await get(file.id),
      await get(file.id, {}, 'HEAD'),
      await get(file.id, { range: 'bytes=0-9' }),
      await get(file.id, { 'if-none-match': '*' }),
      await get(file.id, { range: 'bytes=9999-' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 206, 304, 416]);
    for (const { headers, status } of answers) {
      expect(headers.get('x-content-type-options')).toContain('nosniff');
      expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      if (status < 300) expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    }
  });

  it('[FIL12] only what cannot run is shown inline', () => {
    const dispositionOf = (type: string) => {
      const file = storedFileSchema.parse({
        ...{ id: '00000000-0000-4000-8000-000000000000', name: 'x', bytes: 1, sha256, type },
      });
      const { headers } = fileHead(file, { range: '', ifRange: '', ifNoneMatch: '' });
      return new Map(headers).get('Content-Disposition')?.split(';')[0];
    };
    const inline = ['image/png', 'audio/mpeg', 'video/mp4', 'application/pdf', 'text/plain'];
    expect(inline.map(dispositionOf)).toEqual(inline.map(() => 'inline'));
    const attached = ['image/svg+xml', 'application/xml', 'text/html', 'application/zip', 'text/calendar'];
    expect(attached.map(dispositionOf)).toEqual(attached.map(() => 'attachment'));
  });

  it('[FIL13] any name arrives as it was, and no header breaks', async () => {
    const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map(harmlessFileName);
    await fc.assert(
      fc.asyncProperty(anyName, async (name) => {
        const { id } = await stored('x', { 'x-file-name': encodeURIComponent(name) });
        const header = (await get(id)).headers.get('content-disposition') ?? '';
        expect(header).toMatch(/^[ -~]*$/);
        expect(parse(header).parameters['filename']).toBe(name);
      }),
      { numRuns: 60 },
    );
  });

  it('[FIL14] a large file arrives whole at a reader that pauses, and at one that goes away nothing is left', async () => {
    const large = Buffer.alloc(24 * 1024 * 1024);
    for (let at = 0; at < large.length; at += 4) large.writeUInt32LE(at, at);
    const { id } = await stored(large);
    const socket = connect(running.port, '127.0.0.1');
    socket.write(`GET /files/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const hash = createHash('sha256');
    let head = '';
    let bytes = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        let body = data;
        if (bytes === 0 && !head.includes('\r\n\r\n')) {
          head += data.toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          body = end < 0 ? Buffer.alloc(0) : Buffer.from(head.slice(end + 4), 'latin1');
        }
        bytes += body.length;
        hash.update(body);
        socket.pause();
        // Each pause lets other requests go first.
        void running.request('/health').then(() => socket.resume());
        if (bytes >= large.length) resolve();
      });
    });
    socket.destroy();
    expect(hash.digest('hex')).toBe(createHash('sha256').update(large).digest('hex'));
    const leaving = connect(running.port, '127.0.0.1');
    leaving.write(`GET /files/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await new Promise<void>((resolve) => leaving.once('data', () => resolve()));
    leaving.destroy();
    expect((await get(id, { range: 'bytes=0-3' })).status).toBe(206);
  }, 30_000);

  it('[HTTP15] a failure while a file is looked up is a 500', async () => {
    const { file } = running.services.files;
    const broken = { ...running.services.files, file: () => Promise.reject(new Error('says the test')) };
    Object.assign(running.services, { files: broken });
    const response = await get('00000000-0000-4000-8000-000000000000');
    expect(response.status).toBe(500);
    Object.assign(running.services, { files: { ...running.services.files, file } });
  });

  it('[HTTP14] the document describes bytes', async () => {
    const document = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(await (await running.request('/openapi.json')).json());
    expect(document.paths['/files']?.['post']).toMatchObject({
      requestBody: { content: { '*/*': { schema: {} } } },
    });
    expect(document.paths['/files/{id}']?.['get']).toMatchObject({
      responses: { 200: { content: { '*/*': {} } }, 206: {}, 304: {}, 416: {} },
    });
  });
});
