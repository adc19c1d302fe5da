/** The numbers by which a thread is told which statement to run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { StatementNumbers } from '../../../../src/storage/sqlite/statement-numbers.ts';

describe('numbers of statements', () => {
  it('always mean the text that was asked for, to whoever keeps the last text of each number', () => {
    const most = limits.preparedStatementsMax;
    fc.assert(
      fc.property(fc.array(fc.nat(2 * most), { maxLength: most }), (asked) => {
        const numbers = new StatementNumbers();
        const kept: string[] = [];
        for (const one of [...Array.from({ length: most }, (_, index) => index), ...asked]) {
          const text = numbers.numberOf(`select ${one}`);
          if (text.sql !== undefined) kept[text.number] = text.sql;
          expect(kept[text.number]).toBe(`select ${one}`);
        }
        expect(kept.length).toBe(most);
      }),
      { numRuns: 20 },
    );
  });

  it('are taken from the text that was used least recently', () => {
    const numbers = new StatementNumbers();
    for (let index = 0; index < limits.preparedStatementsMax; index++) numbers.numberOf(`select ${index}`);
    numbers.numberOf('select 0');
    expect(numbers.numberOf('select -1')).toEqual({ number: 1, sql: 'select -1' });
    expect(numbers.numberOf('select 0')).toEqual({ number: 0 });
    expect(numbers.numberOf('select 1').sql).toBe('select 1');
  });
});
