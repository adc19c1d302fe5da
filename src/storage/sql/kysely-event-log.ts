/**
 * The event log, for both databases. Each namespace is read along its own index and the database merges them, so the
 * cost of a read depends on how much it returns, not on how rare its events are or how long the journal is (SPEC
 * [JRN19]).
 */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { CausedEvent, CommittedEvent, EventLog } from '../../../actors/ports.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { type Epoch, epochSchema } from '../../../schema/wire/cursor.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import { databaseAnswer } from './database-answer.ts';
import { type EventRow, entriesOf, eventColumns } from './events-table.ts';

/**
 * Opens the log; a new store gets its epoch (SPEC [JRN17]). `reads` may be another connection to the same database.
 * Rejects with the database's own error.
 */
export async function openEventLog(db: Kysely<Tables>, reads: Kysely<Tables> = db): Promise<EventLog> {
  await db
    .insertInto('journal_meta')
    .values({ id: 1, epoch: epochSchema.parse(randomUUID()), forgotten_seq: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { epoch } = await db
    .selectFrom('journal_meta')
    .select('epoch')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  return new KyselyEventLog(reads, epoch);
}

export class KyselyEventLog implements EventLog {
  readonly epoch: Epoch;
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>, epoch: Epoch) {
    this.#db = db;
    this.epoch = epoch;
  }

  range(): ReturnType<EventLog['range']> {
    return databaseAnswer('event log', async () => {
      const row = await this.#db
        .selectFrom('journal_meta')
        .select('forgotten_seq')
        .select((eb) =>
          eb
            .selectFrom('events')
            .select((of) => of.fn.max('seq').as('newest'))
            .as('newest'),
        )
        .where('id', '=', 1)
        .executeTakeFirstOrThrow();
      return {
        oldest: row.forgotten_seq + 1,
        newest: Math.max(row.newest ?? 0, row.forgotten_seq),
      };
    });
  }

  read(query: Parameters<EventLog['read']>[0]): Promise<readonly CommittedEvent[]> {
    return databaseAnswer('event log', async () => {
      const [first, ...others] = new Set(query.namespaces);
      if (first === undefined) return [];
      let matching = this.#after(query, first);
      for (const namespace of others) matching = matching.unionAll(this.#after(query, namespace));
      const rows = await matching.orderBy('seq').limit(query.limit).execute();
      return await this.#eventsOf(rows);
    });
  }

  ofSession(query: Parameters<EventLog['ofSession']>[0]): Promise<readonly CausedEvent[]> {
    return databaseAnswer('event log', async () => {
      const rows = await this.#db
        .selectFrom('events')
        .select(eventColumns)
        .select('cause')
        .where('session_id', '=', query.sessionId)
        .where('seq', '>', query.after)
        .orderBy('seq')
        .limit(query.limit)
        .execute();
      const events = await this.#eventsOf(rows);
      return events.map((committed, index) => {
        const cause = rows[index]?.cause ?? null;
        return cause === null ? committed : { ...committed, cause };
      });
    });
  }

  async #eventsOf(rows: readonly EventRow[]): Promise<readonly CommittedEvent[]> {
    const entries = await entriesOf(this.#db, rows);
    return entries.map(({ seq, entry }) => ({ seq, event: entry }));
  }

  /** Every event stored under a wire namespace is a wire event (SPEC [CAT3]). */
  #after(query: Parameters<EventLog['read']>[0], namespace: WireNamespace) {
    const events = this.#db
      .selectFrom('events')
      .select(eventColumns)
      .where('namespace', '=', namespace)
      .where('seq', '>', query.after);
    return query.sessionId === undefined ? events : events.where('session_id', '=', query.sessionId);
  }
}
