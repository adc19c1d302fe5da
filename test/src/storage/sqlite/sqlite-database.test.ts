/** The cache of prepared statements. */
import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';

const file = new SqliteFile(sqliteDatabaseOptions(':memory:'));
afterAll(() => file.close());
const text = (number: number) => `select ${number} as answer`;

describe('prepared statements of SQLite', () => {
  it('are kept while they are used, and the least recently used is forgotten when there are too many', () => {
    const first = file.prepare(text(1));
    const second = file.prepare(text(2));
    for (let number = 3; number <= limits.preparedStatementsMax; number++) file.prepare(text(number));
    expect(file.prepare(text(1))).toBe(first);
    file.prepare(text(limits.preparedStatementsMax + 1));
    expect(file.prepare(text(1))).toBe(first);
    const again = file.prepare(text(2));
    expect(again).not.toBe(second);
    expect(again.all([])).toEqual([{ answer: 2 }]);
  });
});
