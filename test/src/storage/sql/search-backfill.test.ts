/**
 * Goal: a store from before the search is searchable soon after it was opened, and in the meantime nothing is lost
 * ([SRC9]). Method: a store gets rows, its index is emptied as if the rows were older, and the steps are made one by
 * one, with writes in between.
 */
import { describe, expect, it } from 'vitest';
import type { MessageId, SessionId } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { startSearchBackfill } from '../../../../src/storage/search-backfill-rounds.ts';
import { postgresIsTested } from '../../../contract/journal-backend.ts';
import { entry, message, newId, session } from '../../../contract/sample-entries.ts';
import { tickingClock } from '../../../fakes/actor-world.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { openPostgresTables, openSqliteTables, type TableStore } from './table-store.ts';

const stores: [string, () => Promise<TableStore>][] = [['SQLite', openSqliteTables]];
if (postgresIsTested('the search in old stores of PostgreSQL'))
  stores.push(['PostgreSQL', openPostgresTables]);

describe.each(stores)('an old store on %s', (_, open) => {
  it('[SRC9] gets searchable step by step, the newest rows first, beside what is written meanwhile', async () => {
    const store = await open();
    const { journal, readModel, searchBackfill } = store.storage;
    const id = newId<SessionId>();
    const count = limits.searchBackfillRows + 10;
    const messages = Array.from({ length: count }, (_unused, n) =>
      message(newId<MessageId>(), id, { content: `old n${String(n).padStart(4, '0')}` }),
    );
    await journal.append([
      entry.sessionCreated(session(id, { title: 'Oldtitle' })),
      ...messages.map(entry.messageCreated),
    ]);
    await store.query('delete from message_terms');
    await store.query('delete from title_terms');
    await store.query(`insert into search_backfill select 'sessions', max(position) + 1 from sessions`);
    await store.query(`insert into search_backfill select 'messages', max(position) + 1 from messages`);
    const finds = async (q: string) => (await readModel.findSessions({ q, limit: 10 })).length === 1;

    expect(await finds('old')).toBe(false);
    // Written before its turn comes: the step leaves what is newer.
    const early = messages[0] ?? message(newId(), id);
    await journal.append([entry.messageUpdated({ ...early, content: 'rewritten' })]);
    expect(await searchBackfill()).toBe(true);
    expect(await finds('oldtitle')).toBe(true);
    expect(await finds('n0005')).toBe(false);
    expect(await searchBackfill()).toBe(true);
    expect(await searchBackfill()).toBe(true);
    expect(await finds(`n${String(count - 1).padStart(4, '0')}`)).toBe(true);
    expect(await finds('n0001')).toBe(false);

    const clock = tickingClock();
    let steps = 0;
    const done = new Promise<void>((resolve) => {
      startSearchBackfill({
        clock: {
          ...clock,
          after: (_delay, run) => {
            clock.soon(run);
            return () => {};
          },
        },
        log: silentLog,
        step: async () => {
          steps++;
          const more = await searchBackfill();
          if (!more) resolve();
          return more;
        },
      });
    });
    await done;
    expect(steps).toBeLessThan(5);
    expect(await finds('n0001')).toBe(true);
    expect(await finds('n0000')).toBe(false);
    expect(await finds('rewritten')).toBe(true);
    expect(await store.query('select * from search_backfill')).toEqual([]);
    await store.close();
  });
});
