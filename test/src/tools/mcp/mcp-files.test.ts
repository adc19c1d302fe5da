/**
 * Files in the results of MCP tools. Goal: every block that carries bytes becomes a file with exactly these bytes,
 * whatever else is odd about the result, and nothing else does. Method: generated blocks, and examples.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcpFiles } from '../../../../src/tools/mcp/mcp-files.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const base64 = (given: Uint8Array) => Buffer.from(given).toString('base64');

const block = bytes.chain((given) =>
  fc
    .constantFrom(
      { type: 'image', data: base64(given), mimeType: 'image/png' },
      { type: 'audio', data: base64(given), mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'file:///a/b.bin', blob: base64(given) } },
      { type: 'image', data: `data:image/png;base64,${base64(given)}` },
      { type: 'image', data: base64(given).replace(/(.{4})/g, '$1\n') },
      { data: Buffer.from(given).toString('base64url') },
    )
    .map((made): { readonly block: object; readonly bytes: Uint8Array | null } => ({
      block: made,
      bytes: given,
    })),
);
const other = fc
  .constantFrom<object>(
    { type: 'text', text: 'QUJD' },
    { type: 'resource', resource: { uri: 'file:///a.txt', text: 'words' } },
    { type: 'resource_link', uri: 'file:///a.png' },
    { type: 'image', data: '' },
    { type: 'image', data: 'not base64!' },
    { type: 'image', data: 7 },
  )
  .map((made): { readonly block: object; readonly bytes: Uint8Array | null } => ({
    block: made,
    bytes: null,
  }));

test('[FIL41] every block with bytes is a file with these bytes, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(block, other), { maxLength: 6 }), (blocks) => {
      const expected = blocks.flatMap((one) => (one.bytes === null ? [] : [Buffer.from(one.bytes)]));
      const content = blocks.map((one) => one.block);
      for (const result of [{ content }, { toolResult: { content } }])
        expect(mcpFiles(result).map((file) => Buffer.from(file.bytes))).toEqual(expected);
    }),
  );
});

test('[FIL41] nothing makes it throw', () => {
  fc.assert(
    // Answers of servers have been JSON.
    fc.property(fc.jsonValue(), (odd) => {
      for (const result of [odd, { content: odd }, { content: [odd] }, { content: [{ resource: odd }] }])
        expect(Array.isArray(mcpFiles(result))).toBe(true);
    }),
  );
});

test.each([
  [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }, 'image-1.png'],
  [{ type: 'image', data: 'AAAA', mimeType: 'image/svg+xml' }, 'image-1.svg'],
  [{ type: 'image', data: 'AAAA', mimeType: '../../etc' }, 'image-1'],
  [{ data: 'AAAA' }, 'file-1'],
  [{ type: 'resource', resource: { uri: 'file:///photos/k%C3%A4se.png', blob: 'AAAA' } }, 'käse.png'],
  [{ type: 'resource', resource: { uri: 'test://x/%E0%A4%A', blob: 'AAAA' } }, '%E0%A4%A'],
  [
    { type: 'resource', resource: { uri: 'no address', mimeType: 'text/csv', blob: 'AAAA' } },
    'resource-1.csv',
  ],
])('[FIL41] the name of %j', (given, name) => {
  expect(mcpFiles({ content: [given] }).map((file) => file.name)).toEqual([name]);
});
