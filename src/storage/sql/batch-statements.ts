/** The statements of a batch. They are the same for both databases; each database wraps them in its own transaction. */
import { type JournalEntry, JournalRejected } from '../../../actors/ports.ts';
import { assert } from '../../../schema/unreachable.ts';
import { eventRow } from './events-table.ts';
import type { KnownTitles } from './known-titles.ts';
import { insertEvents, projectionStatements } from './projection-statements.ts';
import { project } from './projector.ts';
import type { RowsCompiler, Statement } from './values-table.ts';

export type BatchStatements = {
  /** Together these statements return the `seq` of each event, in any order. */
  readonly events: readonly Statement[];
  readonly readModel: readonly Statement[];
};

/** Throws {@link JournalRejected} when an entry cannot be written as a row. */
export function batchStatements(
  batch: readonly JournalEntry[],
  compiler: RowsCompiler,
  titles: KnownTitles,
): BatchStatements {
  try {
    return {
      events: compiler.compile(insertEvents, batch.map(eventRow)),
      readModel: project(batch).flatMap((projection) => projectionStatements(projection, compiler, titles)),
    };
  } catch (cause) {
    if (cause instanceof JournalRejected) throw cause;
    throw new JournalRejected('The batch has an entry that cannot be stored', { cause });
  }
}

/** The `seq`s that inserting a batch returned, in entry order: entries are numbered in their order in the batch. */
export function seqsInOrder(rows: readonly object[]): number[] {
  const seqs = rows.map((row) => {
    const seq: unknown = Reflect.get(row, 'seq');
    assert(typeof seq === 'number', 'an event that was inserted has a seq');
    return seq;
  });
  return seqs.sort((a, b) => a - b);
}
