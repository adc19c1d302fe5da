/** A real store with access to its tables, which the ports do not offer. */
import { DatabaseSync } from 'node:sqlite';
import type { Storage } from '../../../../src/storage/storage.ts';
import { openPostgresStore, openSqliteStore } from '../../../contract/journal-backend.ts';

export type TableStore = {
  readonly storage: Storage;
  /** Rows of every table of the read model, without columns that depend on how entries were batched. */
  readonly rows: () => Promise<Readonly<Record<string, readonly object[]>>>;
  readonly empty: () => Promise<void>;
  /** Runs SQL behind the store's back. */
  readonly query: (sql: string) => Promise<readonly object[]>;
  readonly close: () => Promise<void>;
};

/** `version` counts batches; message pieces may be cut differently, but read the same. */
const compared = {
  sessions:
    'id, title, description, status, created_at, updated_at, activity, options, leaf_id, closed_at, forked_from, owner, tenant',
  participants: 'session_id, participant_id, name, role, created_at, updated_at',
  session_owners: 'session_id, owner, tenant',
  token_spending: 'owner, tenant, day, tokens',
  messages:
    'id, session_id, role, tool_call_id, name, author, parent_id, queue_rank, prompt_id, status, finish_reason, model, usage, created_at',
  turns:
    'id, session_id, prompt_id, answer_id, trace_id, status, step, reason, options, rank, continues_at, steers, charged_to, queued_at, ended_at',
  tool_calls:
    'id, session_id, turn_id, model_call_id, name, status, step, needs_approval, approval_deadline, approval, arguments, result, agent_id, started_at, ended_at',
  turn_steps: 'session_id, turn_id, step, data',
  preferences: 'owner, layout, updated_at',
  files: 'id, name, type, bytes, sha256, created_at',
  traces: 'id, session_id, name, status, duration_ms, metadata, origin, created_at, updated_at',
  trace_spans: 'trace_id, id, parent_id, name, status, started_at, ended_at, attributes',
  runtime_config: 'id, data, updated_at',
  registered_tools: 'name, data',
  api_keys:
    'id, name, scopes, tenant, created_at, created_by, expires_at, revoked_at, secret_version, digest, previous',
  authentication: 'id, since',
  config_changes: 'id, changed_by, kind, changes, at',
  commands: 'key, fingerprint, result, at',
};

/** Tables whose rows have no position, and the columns that order them instead. */
const unnumbered = new Map([
  ['runtime_config', 'id'],
  ['registered_tools', 'name'],
  ['api_keys', 'id'],
  ['authentication', 'id'],
  ['commands', 'key'],
  ['turn_steps', 'turn_id, step'],
  ['preferences', 'owner'],
  ['session_owners', 'session_id'],
  ['token_spending', 'owner, tenant, day'],
]);

const emptied = [
  ...Object.keys(compared),
  'message_pieces',
  'file_references',
  'events',
  'message_terms',
  'title_terms',
];

export async function openSqliteTables(): Promise<TableStore> {
  const store = await openSqliteStore();
  const shell = new DatabaseSync(store.path);
  return tableStore(
    store.storage,
    async (sql) => shell.prepare(sql).all(),
    async () => {
      shell.close();
      await store.close();
    },
  );
}

export async function openPostgresTables(): Promise<TableStore> {
  const store = await openPostgresStore();
  return tableStore(store.storage, (sql) => store.schema.query(sql), store.close);
}

function tableStore(storage: Storage, query: TableStore['query'], close: () => Promise<void>): TableStore {
  return {
    storage,
    query,
    close,
    rows: async () => {
      const tables: Record<string, readonly object[]> = {};
      for (const [table, columns] of Object.entries(compared)) {
        const order = unnumbered.get(table) ?? 'position';
        tables[table] = await query(`select ${columns} from ${table} order by ${order}`);
      }
      return tables;
    },
    empty: async () => {
      for (const table of emptied) await query(`delete from ${table}`);
    },
  };
}
