/** Names of files, whatever a client sends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf, harmlessFileName } from '../../schema/file.ts';
import { limits } from '../../schema/limits.ts';

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('a', '.', ' ', '/', '\\', '\u202e', '\0', '😀', '\ud800', ':'),
    maxLength: 300,
  }),
);

describe('names of files', () => {
  it('[FIL2] every name becomes harmless, and stays as it is when it is', () => {
    fc.assert(
      fc.property(anyName, (given) => {
        const name = harmlessFileName(given);
        expect(harmlessFileName(name)).toBe(name);
        expect(name).not.toMatch(
          /[/\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
        );
        expect(name).not.toMatch(/^\s|[\s.]$/u);
        expect(name.isWellFormed()).toBe(true);
        expect(name.length).toBeGreaterThan(0);
        expect([...name].length).toBeLessThanOrEqual(limits.fileNameCharactersMax);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['report.pdf', 'report.pdf'],
    ['/etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['folder/', 'file'],
    ['..', 'file'],
    ['', 'file'],
    [' .txt ', '.txt'],
    ['annex\u202egpj.exe', 'annexgpj.exe'],
    ['a\0b\r\nc.txt', 'abc.txt'],
    ['what?.txt', 'what_.txt'],
    ['👩‍🚀.png', '👩‍🚀.png'],
    ['U\u0308bersicht.md', 'Übersicht.md'],
    [`${'x'.repeat(500)}.tar.gz`, `${'x'.repeat(197)}.gz`],
    [`${'x'.repeat(500)}.${'y'.repeat(500)}`, 'x'.repeat(200)],
  ])('[FIL2] %j becomes %j', (given, name) => {
    expect(harmlessFileName(given)).toBe(name);
  });

  it('[FIL2] a header holds the name as it is, or its UTF-8 in percent-encoding', () => {
    expect(fileNameOf('%E6%A6%82%E8%A6%81%20%2F..%2F%E2%80%AEx.txt')).toBe('x.txt');
    expect(fileNameOf('%E6%A6%82%E8%A6%81.txt')).toBe('概要.txt');
    expect(fileNameOf('100% sure.txt')).toBe('100% sure.txt');
    expect(fileNameOf('')).toBe('file');
    fc.assert(
      fc.property(anyName, (given) => {
        const name = harmlessFileName(given);
        expect(fileNameOf(encodeURIComponent(name))).toBe(name);
      }),
    );
  });
});
