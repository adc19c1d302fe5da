import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineReader } from '../../../../src/tools/mcp/line-reader.ts';

it('[MCP1] lines come whole, however they are cut into chunks, and only those that are too long do not', () => {
  const bytesMax = 300;
  const line = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 290, maxLength: 700 }));
  fc.assert(
    fc.property(
      fc.array(line.map((text) => text.replaceAll(/[\r\n\uFEFF]/g, ' ').toWellFormed())),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      (lines, cuts) => {
        const read: string[] = [];
        const listen = lineReader(bytesMax, {
          line: (text) => read.push(text),
          tooLong: (head, tail) => read.push(`${head.slice(0, 10)}…${tail.slice(-10)}`),
        });
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        for (let from = 0, at = 0; from < bytes.length; at++) {
          const to = from + (cuts[at % cuts.length] ?? 1);
          listen(bytes.subarray(from, to));
          from = to;
        }
        expect(read).toHaveLength(lines.length);
        for (const [at, text] of lines.entries()) {
          if (Buffer.byteLength(text) <= bytesMax) expect(read[at]).toBe(text);
          else expect(read[at]).toMatch(/…/);
        }
      },
    ),
  );
});
