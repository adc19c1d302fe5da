/**
 * Histories from real stores. Goal: what a database gives back is replayed, and a store from before causes were kept is
 * shown and goes on ([INS8]). Method: a session is lived, its store is put back to how the release before made it, and
 * lived in again.
 */
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../../schema/ids.ts';
import type { HistoryStep } from '../../../schema/session-history.ts';
import { replayedSession } from '../../../src/inspect/replayed-sessions.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import {
  type OpenStore,
  openPostgresStore,
  openSqliteStore,
  postgresIsTested,
} from '../../contract/journal-backend.ts';
import { acceptedValue, actorWorld, tickingClock } from '../../fakes/actor-world.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';

type OldStore = OpenStore & { readonly makeOld: () => Promise<void> };

const undo = [
  'alter table messages drop column author',
  'drop index sessions_by_owner',
  'drop index sessions_by_tenant',
  'alter table sessions drop column owner',
  'alter table sessions drop column tenant',
  'drop index traces_without_session',
  'alter table traces drop column tenant',
  'alter table traces drop column owner',
  'drop index files_of_owner',
  'alter table sessions drop column stored_bytes',
  'drop index messages_of_id',
  'alter table turns drop column pushed',
  'alter table turns drop column received',
  'drop table server_secrets',
  'drop table config_changes',
  'drop table trace_spans',
  'drop index traces_of_session',
  'drop index traces_by_end',
  'alter table traces drop column origin',
  'drop table api_keys',
  'drop table authentication',
  'alter table turns drop column charged_to',
  'drop table token_spending',
  'drop table session_owners',
  'drop table participants',
  'alter table sessions drop column closed_at',
  'alter table tool_calls drop column files',
  'drop table registered_tools',
  'drop table tool_secret_keys',
  'drop table deleted_messages',
  'drop table messages_to_delete',
  'alter table sessions drop column auto_title',
  'alter table messages drop column edited',
  'drop index messages_of_parent',
  'drop index waiting_messages',
  'drop index turns_of_prompt',
  'drop index turns_of_answer',
  'alter table sessions drop column leaf_id',
  'alter table sessions drop column forked_from',
  'alter table messages drop column parent_id',
  'alter table messages drop column queue_rank',
  'alter table messages drop column prompt_id',
  'alter table messages drop column status',
  'alter table messages drop column marks',
  'alter table messages drop column model',
  'alter table messages drop column usage',
  'alter table message_pieces drop column marks',
  'alter table turns drop column rank',
  'alter table turns drop column continues_at',
  'alter table turns drop column steers',
  'alter table turns drop column scopes',
  "alter table turns add column failure_id text not null default 'none'",
  'drop table file_references',
  'drop table files',
  'drop table message_terms',
  'drop table title_terms',
  'drop table search_backfill',
  'drop index sessions_by_status',
  'drop index busy_sessions',
  'drop index tool_calls_by_status',
  'alter table messages drop column finish_reason',
  'alter table events drop column cause',
  "delete from kysely_migration where name >= '0003'",
];

async function sqliteStore(): Promise<OldStore> {
  const store = await openSqliteStore();
  const makeOld = async () => {
    const database = new DatabaseSync(store.path);
    for (const statement of undo) database.exec(statement);
    database.close();
  };
  return { ...store, makeOld };
}

async function postgresStore(): Promise<OldStore> {
  const store = await openPostgresStore();
  const makeOld = async () => {
    // SQLite has it no more, and finds it gone.
    await store.schema.query('alter table messages add constraint messages_id_key unique (id)');
    for (const statement of undo) await store.schema.query(statement);
  };
  return { ...store, makeOld };
}

const stores = [
  ['SQLite', sqliteStore],
  ...(postgresIsTested('histories of PostgreSQL') ? ([['PostgreSQL', postgresStore]] as const) : []),
] as const;

async function stepsOf(storage: Storage, id: SessionId): Promise<readonly HistoryStep[]> {
  const ports = { ...storage, clock: tickingClock() };
  const history = await replayedSession(ports, id, { after: 0, limit: 500 });
  return history?.steps ?? [];
}

function basesOf(steps: readonly HistoryStep[]): ReadonlySet<string> {
  return new Set(steps.map(({ basis }) => basis));
}

describe.each(stores)('a history on %s', (_name, open) => {
  it('[INS8] is replayed, and one from before causes were kept is recorded up to the next waking', async () => {
    const store = await open();
    const world = await actorWorld({ storage: { ...memoryStorage(), ...store.storage } });
    const id = await world.createSession();
    await world.say(id, 'Grüße 👋');
    const call = await world.engine.nextCall();
    await call.give({ type: 'reasoning', text: 'Hm' });
    await call.give({ type: 'text', text: 'One 👍 ' });
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{"a":"\u0000"}' });
    await call.give({ type: 'finish' });
    const next = await world.engine.nextCall();
    await next.give({ type: 'text', text: 'Two' });
    await next.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
    await world.system.stop();
    const lived = await stepsOf(store.storage, id);
    expect(lived.length).toBeGreaterThan(15);
    expect(basesOf(lived)).toEqual(new Set(['replayed']));

    await store.storage.close();
    await store.makeOld();
    const reopened = await store.reopen();
    const old = await stepsOf(reopened, id);
    expect(old.map(({ event }) => event)).toEqual(lived.map(({ event }) => event));
    expect(basesOf(old)).toEqual(new Set(['recorded']));

    const later = await actorWorld({ storage: { ...memoryStorage(), ...reopened } });
    acceptedValue(await later.system.door.updateSession(id, { title: 'Later' }));
    await later.system.stop();
    const all = await stepsOf(reopened, id);
    expect(basesOf(all.slice(0, lived.length))).toEqual(new Set(['recorded']));
    expect(basesOf(all.slice(lived.length))).toEqual(new Set(['replayed']));
    await reopened.close();
    await store.close();
  });
});
