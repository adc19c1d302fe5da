/**
 * What a batch writes into the search index: titles that may have changed, and messages in one statement, the last
 * one. That the right things are found is the contract's to prove (`session-search-contract.ts`).
 */
import { Kysely, SqliteDialect } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../../actors/ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import type { Tables } from '../../../../schema/storage/tables.ts';
import { batchStatements } from '../../../../src/storage/sql/batch-statements.ts';
import { KnownTitles } from '../../../../src/storage/sql/known-titles.ts';
import { RowsCompiler } from '../../../../src/storage/sql/values-table.ts';
import { SqliteFile } from '../../../../src/storage/sqlite/sqlite-database.ts';
import { sqliteDatabaseOptions } from '../../../../src/storage/sqlite/sqlite-database-options.ts';
import { entry, message, newId, session } from '../../../contract/sample-entries.ts';

const file = new SqliteFile(sqliteDatabaseOptions(':memory:'));
const compiler = new RowsCompiler(new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) }));
const id = newId<SessionId>();
const updated = (title: string) => entry.sessionUpdated(session(id, { title }));

function written(titles: KnownTitles, ...batch: JournalEntry[]) {
  return batchStatements(batch, compiler, titles).readModel;
}

function writesTitles(titles: KnownTitles, ...batch: JournalEntry[]): boolean {
  return written(titles, ...batch).some(({ sql }) => sql.includes('title_terms'));
}

describe('what a batch writes into the search index', () => {
  it('leaves out titles that the store is known to have', () => {
    const titles = new KnownTitles();
    expect(writesTitles(titles, updated('One'))).toBe(true);
    titles.committed([updated('One')]);
    expect(writesTitles(titles, updated('One'))).toBe(false);
    expect(writesTitles(titles, updated('Two'))).toBe(true);
    expect(writesTitles(titles, entry.sessionCreated(session(id, { title: 'One' })))).toBe(true);
    titles.committed([entry.sessionDeleted(id)]);
    expect(writesTitles(titles, updated('One'))).toBe(true);
  });

  it('takes no title for known after a batch that failed', () => {
    const titles = new KnownTitles();
    titles.committed([updated('One')]);
    titles.forget();
    expect(writesTitles(titles, updated('One'))).toBe(true);
  });

  it(`knows the titles of the last ${limits.titlesKnownMax} sessions`, () => {
    const titles = new KnownTitles();
    titles.committed([updated('One')]);
    const others = Array.from({ length: limits.titlesKnownMax - 1 }, () => session(newId()));
    titles.committed(others.map((one) => entry.sessionUpdated(one)));
    expect(titles.has(id, 'One')).toBe(true);
    titles.committed([entry.sessionUpdated(session(newId()))]);
    expect(titles.has(id, 'One')).toBe(false);
  });

  it.each([1, 2, 3, 20, limits.statementRowsMax])('writes %i messages in one statement, at last', (count) => {
    const messages = Array.from({ length: count }, () => entry.messageCreated(message(newId(), id)));
    const statements = written(new KnownTitles(), updated('One'), ...messages);
    const found = statements.filter(({ sql }) => sql.includes('message_terms'));
    expect(found).toEqual(statements.slice(-1));
    expect(found[0]?.parameters.filter((value) => value === 'hello')).toHaveLength(count);
  });
});
