/** Deletes old events, for both databases. It needs no index besides `seq`. */
import type { Kysely } from 'kysely';
import type { Retention } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { databaseAnswer } from './database-answer.ts';

export class KyselyRetention implements Retention {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  sweep(): Promise<boolean> {
    return databaseAnswer('event log', async () => {
      const rows = await this.#db
        .selectFrom('events')
        .select('seq')
        .where('seq', '<=', await this.#forgottenSeq())
        .orderBy('seq')
        .limit(limits.retentionBatchEvents)
        .execute();
      const last = rows.at(-1)?.seq;
      if (last === undefined) return false;
      await this.#db.deleteFrom('events').where('seq', '<=', last).execute();
      return rows.length === limits.retentionBatchEvents;
    });
  }

  /**
   * Deletes from the oldest event on, until the first one that is young enough. Times may step back along `seq`, and
   * so the remaining journal has no holes.
   */
  forget(before: Milliseconds): Promise<boolean> {
    return databaseAnswer('event log', async () => {
      const rows = await this.#db
        .selectFrom('events')
        .select(['seq', 'at'])
        .where('seq', '>', await this.#forgottenSeq())
        .orderBy('seq')
        .limit(limits.retentionBatchEvents)
        .execute();
      const kept = rows.findIndex((row) => row.at >= before);
      const last = (kept < 0 ? rows.at(-1) : rows[kept - 1])?.seq;
      if (last === undefined) return false;
      await this.#db
        .updateTable('journal_meta')
        .set({ forgotten_seq: last })
        .where('id', '=', 1)
        // Another process may have deleted more.
        .where('forgotten_seq', '<', last)
        .execute();
      return kept < 0 && rows.length === limits.retentionBatchEvents;
    });
  }

  async #forgottenSeq(): Promise<number> {
    const row = await this.#db
      .selectFrom('journal_meta')
      .select('forgotten_seq')
      .where('id', '=', 1)
      .executeTakeFirstOrThrow();
    return row.forgotten_seq;
  }
}
