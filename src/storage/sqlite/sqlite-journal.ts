/** The journal on SQLite: a batch is one synchronous transaction, so its outcome is always known. */
import type { Kysely } from 'kysely';
import type { Journal, JournalEntry } from '../../../actors/ports.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { batchStatements, seqsInOrder } from '../sql/batch-statements.ts';
import { KnownTitles } from '../sql/known-titles.ts';
import { RowsCompiler, type Statement } from '../sql/values-table.ts';
import type { SqliteFile } from './sqlite-database.ts';
import { sqliteJournalError } from './sqlite-errors.ts';

export class SqliteJournal implements Journal {
  readonly #file: SqliteFile;
  readonly #compiler: RowsCompiler;
  readonly #titles = new KnownTitles();

  constructor(file: SqliteFile, db: Kysely<Tables>) {
    this.#file = file;
    this.#compiler = new RowsCompiler(db);
  }

  async append(batch: readonly JournalEntry[]): Promise<readonly number[]> {
    if (batch.length === 0) return [];
    try {
      const statements = batchStatements(batch, this.#compiler, this.#titles);
      const seqs = this.#transaction(() => {
        const rows = statements.events.flatMap((statement) => this.#run(statement));
        for (const statement of statements.readModel) this.#run(statement);
        return seqsInOrder(rows);
      });
      this.#titles.committed(batch);
      return seqs;
    } catch (error) {
      this.#titles.forget();
      throw sqliteJournalError(error);
    }
  }

  #transaction<Result>(write: () => Result): Result {
    this.#file.exec('begin immediate');
    try {
      const result = write();
      this.#file.exec('commit');
      return result;
    } catch (error) {
      // After some failures (disk full, I/O) SQLite has already rolled back.
      if (this.#file.isTransaction) this.#file.exec('rollback');
      throw error;
    }
  }

  #run(statement: Statement): object[] {
    const prepared = this.#file.prepare(statement.sql);
    if (statement.returnsRows === true) return prepared.all(statement.parameters);
    prepared.run(statement.parameters);
    return [];
  }
}
