/** What the probe says of bytes: honest files, files that lie, texts, archives, and anything at all. */
import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { createContentProbe } from '../../../src/files/content-probe.ts';

async function probed(...chunks: readonly Uint8Array[]) {
  const probe = createContentProbe();
  for (const chunk of chunks) probe.take(chunk);
  return await probe.end();
}
const typeOf = async (bytes: string | Uint8Array) => (await probed(Buffer.from(bytes))).type;

/** A ZIP of one entry, whose sizes need not be true. */
function zipOf(name: string, content: Buffer, claimedBytes = content.length): Buffer {
  const packed = deflateRawSync(content);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(claimedBytes, 22);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), packed]);
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('the probe', () => {
  it('[FIL1] says the same however the bytes are cut', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
      fc.constant(new Uint8Array(png)),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.array(fc.nat({ max: 300 }), { maxLength: 6 }), async (bytes, cuts) => {
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const whole = await probed(bytes);
        expect(await probed(...chunks)).toEqual(whole);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        expect(whole).toMatchObject({ bytes: bytes.length, sha256 });
      }),
      { numRuns: 150 },
    );
  });

  it('[FIL4] every well-formed text without NUL is some text, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        const isText =
          Buffer.from(bytes).equals(Buffer.from(Buffer.from(bytes).toString('utf8'))) && !bytes.includes(0);
        const type = await typeOf(bytes);
        if (isText) expect(type).not.toMatch(/^(image|audio|video|application\/octet)/);
        else expect(type).not.toBe('text/plain');
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a PNG', png, 'image/png'],
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'), 'image/jpeg'],
    ['a GIF', Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'), 'image/gif'],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1'), 'application/pdf'],
    ['a PDF that is text', Buffer.from('%PDF-1.4\n1 0 obj\n'), 'application/pdf'],
    ['Ogg with Opus', Buffer.from(`OggS\0\x02${'\0'.repeat(20)}\x01\x13OpusHead\x01`, 'latin1'), 'audio/ogg'],
    ['text', 'It is twenty to five.', 'text/plain'],
    ['text in many scripts', 'Grüße, 概要, 👩‍🚀', 'text/plain'],
    ['nothing', '', 'text/plain'],
    ['text with NUL', 'a\0b', 'application/octet-stream'],
    ['text cut in a character', Buffer.from('ü').subarray(0, 1), 'application/octet-stream'],
    [
      'an SVG with a script',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      'text/plain',
    ],
    [
      'an SVG with a prologue',
      '<?xml version="1.0"?><svg><script>alert(1)</script></svg>',
      'application/xml',
    ],
    ['HTML', '<!doctype html><script>alert(1)</script>', 'text/plain'],
    ['text that begins like a bitmap', 'BMW builds cars', 'text/plain'],
    ['text that begins like a program', 'MZ is where it begins', 'text/plain'],
    ['UTF-16', Buffer.from('\ufeffhi', 'utf16le'), 'application/octet-stream'],
  ])('[FIL4] finds the type of %s in its bytes', async (_, bytes, type) => {
    expect(await typeOf(bytes)).toBe(type);
  });

  it('[FIL4] text is judged to its last byte, not by its beginning', async () => {
    const long = Buffer.alloc(limits.fileProbeBytes * 2, 'text ');
    expect((await probed(long)).type).toBe('text/plain');
    expect((await probed(long, Buffer.from([0xff]))).type).toBe('application/octet-stream');
  });

  it('[FIL4] a ZIP bomb costs nothing: no archive is opened', async () => {
    const zeros = Buffer.alloc(60 * 1024 * 1024);
    const bombs = [
      zipOf('[Content_Types].xml', zeros),
      zipOf('[Content_Types].xml', zeros, 100),
      zipOf('mimetype', zeros, 10),
    ];
    for (const bomb of bombs) {
      const before = process.memoryUsage().arrayBuffers;
      const start = process.cpuUsage();
      expect(await typeOf(bomb)).toBe('application/zip');
      expect(process.cpuUsage(start).user).toBeLessThan(100_000);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    }
    expect(await typeOf(gzipSync(zeros))).toBe('application/gzip');
    const document = Buffer.from('<Types ContentType="application/vnd.openxmlformats.main+xml"/>');
    expect(await typeOf(zipOf('[Content_Types].xml', document))).toBe('application/zip');
  });

  it('[FIL4] bytes that begin like a format and break its rules do no harm', async () => {
    const heads = [
      ...[png, Buffer.from('%PDF-'), Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1')],
      ...[Buffer.from('1a45dfa3', 'hex'), Buffer.from('RIFF'), Buffer.from('II*\0', 'latin1')],
      ...[Buffer.from('3026b2758e66cf11a6d9', 'hex'), Buffer.from('OggS'), Buffer.from('fLaC')],
      Buffer.from('\0\0\0\x18ftypavif', 'latin1'),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), async (head, rest) => {
        const { type } = await probed(head, rest);
        expect(type).toMatch(/^[a-z]+\/[\w.+-]+$/);
      }),
      { numRuns: 300 },
    );
  });
});
