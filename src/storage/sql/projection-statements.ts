/**
 * The statements that write a batch: its events, then the rows derived from them (`projection.ts`). The order
 * matters: deletions, then sessions, then rows that exist only together with their session (SPEC [JRN4]–[JRN6]).
 */
import { type RawBuilder, sql } from 'kysely';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { deleteFiles, writeFiles } from './file-statements.ts';
import type { KnownTitles } from './known-titles.ts';
import type { Projection, Row, SessionChange, TurnChange } from './projection.ts';
import {
  changeTitleTerms,
  clearMessageTerms,
  forgetTerms,
  titleTermsRow,
  writeMessageTerms,
  writeTitleTerms,
} from './search-statements.ts';
import {
  columnNames,
  type RowsCompiler,
  type RowsStatement,
  type Statement,
  type ValuesTable,
} from './values-table.ts';

export const insertEvents: RowsStatement<Row<'events'>> = {
  columns: {
    session_id: 'text',
    namespace: 'text',
    event: 'text',
    data: 'text',
    record: 'text',
    at: 'number',
    command_id: 'text',
    cause: 'text',
  },
  build(values) {
    return sql`${insertInto('events', this.columns, values)} order by ${values.ordinal} returning ${sql.ref('seq')}`;
  },
  returnsRows: true,
};

/** The statements of a projection, in order; an empty part makes none. */
export function projectionStatements(
  projection: Projection,
  compiler: RowsCompiler,
  titles: KnownTitles,
): Statement[] {
  const deleted = [...projection.deletedSessions].map((id) => ({ id }));
  const written = [...projection.messages.values()];
  const commands = [...projection.commands.values()];
  const pieces = [...projection.pieces.values()].flat();
  const changedSessions = [...projection.changedSessions].map(([id, change]) => sessionChangeRow(id, change));
  const messageTerms = [...projection.messageTerms.values()];
  const createdTitles = [...projection.createdSessions].map(([id, { title }]) => titleTermsRow(id, title));
  const changedTitles = [...projection.changedSessions].flatMap(([id, { session }]) =>
    session === null || titles.has(id, session.title) ? [] : [titleTermsRow(id, session.title)],
  );
  const changedTurns = [...projection.changedTurns].map(([id, change]) => turnChangeRow(id, change));
  return [
    ...forgetTerms.flatMap((statement) => compiler.compile(statement, deleted)),
    ...deleteFromSessions.flatMap((statement) => compiler.compile(statement, deleted)),
    ...compiler.compile(createSessions, [...projection.createdSessions.values()]),
    ...compiler.compile(writeTitleTerms, createdTitles),
    // Before the titles change: those that stay the same are not written again.
    ...compiler.compile(changeTitleTerms, changedTitles),
    ...compiler.compile(changeSessions, changedSessions),
    ...compiler.compile(writeMessages, written),
    ...compiler.compile(
      deletePieces,
      written.map((message) => ({ session_id: message.session_id, message_id: message.id })),
    ),
    ...compiler.compile(appendPieces, pieces),
    ...compiler.compile(writeTurnSteps, [...projection.turnSteps.values()]),
    ...compiler.compile(queueTurns, [...projection.queuedTurns.values()]),
    ...compiler.compile(changeTurns, changedTurns),
    ...compiler.compile(writeToolCalls, [...projection.toolCalls.values()]),
    ...compiler.compile(writeTraces, [...projection.traces.values()]),
    ...compiler.compile(
      writeRuntimeConfig,
      projection.runtimeConfig === null ? [] : [projection.runtimeConfig],
    ),
    ...compiler.compile(storeCommands, commands),
    ...compiler.compile(writePreferences, [...projection.preferences.values()]),
    ...compiler.compile(writeFiles, [...projection.files.values()]),
    ...compiler.compile(
      deleteFiles,
      [...projection.deletedFiles].map((id) => ({ id })),
    ),
    ...compiler.compile(forgetCommands, commands.length === 0 ? [] : [{ before: forgottenBefore(commands) }]),
    ...compiler.compile(
      clearMessageTerms,
      messageTerms.filter(({ terms }) => terms === ''),
    ),
    // Last: at a savepoint of any later statement SQLite's index would write a segment, and another at the commit.
    ...compiler.compile(
      writeMessageTerms,
      messageTerms.filter(({ terms }) => terms !== ''),
    ),
  ];
}

const deleteFromSessions = (
  [
    ['sessions', 'id'],
    ['messages', 'session_id'],
    ['message_pieces', 'session_id'],
    ['turns', 'session_id'],
    ['tool_calls', 'session_id'],
    ['turn_steps', 'session_id'],
    ['file_references', 'session_id'],
  ] as const
).map(
  ([table, column]): RowsStatement<{ id: SessionId }> => ({
    columns: { id: 'text' },
    build: (values) =>
      sql`delete from ${sql.table(table)} where ${sql.ref(column)} in (select ${values.column('id')} from ${values.from})`,
  }),
);

const createSessions: RowsStatement<Row<'sessions'>> = {
  columns: {
    id: 'text',
    title: 'text',
    description: 'text',
    status: 'text',
    created_at: 'number',
    updated_at: 'number',
    activity: 'text',
    options: 'text',
    version: 'number',
  },
  build(values) {
    return sql`${insertInto('sessions', this.columns, values)} order by ${values.ordinal} on conflict (id) do update
      set ${replaced(this.columns, ['id', 'version'])}, version = ${sql.ref('sessions.version')} + 1`;
  },
};

type SessionChangeRow = {
  id: SessionId;
  title: string | null;
  description: string | null;
  status: string | null;
  options: string | null;
  updated_at: number | null;
  activity: string | null;
};

function sessionChangeRow(id: SessionId, change: SessionChange): SessionChangeRow {
  return {
    id,
    title: change.session?.title ?? null,
    description: change.session?.description ?? null,
    status: change.session?.status ?? null,
    options: change.session?.options ?? null,
    updated_at: change.session?.updated_at ?? null,
    activity: change.activity,
  };
}

/** Never creates a row: a deleted session stays deleted. */
const changeSessions: RowsStatement<SessionChangeRow> = {
  columns: {
    id: 'text',
    title: 'text',
    description: 'text',
    status: 'text',
    options: 'text',
    updated_at: 'number',
    activity: 'text',
  },
  build: (values) => sql`update sessions set
    ${kept('sessions', values, ['title', 'status', 'updated_at', 'activity'])},
    ${optional(values, 'description')}, ${optional(values, 'options')},
    version = ${sql.ref('sessions.version')} + 1
    from ${values.from} where ${sql.ref('sessions.id')} = ${values.column('id')}`,
};

/** Null when the value is null; kept when the change does not concern the session's own columns. */
function optional(
  values: ValuesTable<SessionChangeRow>,
  name: 'description' | 'options',
): RawBuilder<unknown> {
  return sql`${sql.ref(name)} = case when ${values.column('title')} is null
    then ${sql.ref(`sessions.${name}`)} else ${values.column(name)} end`;
}

const writeMessages: RowsStatement<Row<'messages'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    role: 'text',
    content: 'text',
    tool_call_id: 'text',
    name: 'text',
    finish_reason: 'text',
    created_at: 'number',
  },
  build(values) {
    return sql`${insertInto('messages', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update set ${replaced(this.columns, ['id', 'session_id'])}`;
  },
};

const deletePieces: RowsStatement<{ session_id: SessionId; message_id: MessageId }> = {
  columns: { session_id: 'text', message_id: 'text' },
  build: (values) => sql`delete from message_pieces where (session_id, message_id) in
    (select ${values.column('session_id')}, ${values.column('message_id')} from ${values.from})`,
};

const appendPieces: RowsStatement<Row<'message_pieces'>> = {
  columns: { session_id: 'text', message_id: 'text', offset_units: 'number', text: 'text' },
  build(values) {
    return sql`${insertInto('message_pieces', this.columns, values)} where exists
      (select 1 from messages where ${sql.ref('messages.id')} = ${values.column('message_id')}
        and ${sql.ref('messages.session_id')} = ${values.column('session_id')})
      order by ${values.ordinal}`;
  },
};

const queueTurns: RowsStatement<Row<'turns'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    prompt_id: 'text',
    answer_id: 'text',
    failure_id: 'text',
    trace_id: 'text',
    status: 'text',
    step: 'number',
    reason: 'text',
    options: 'text',
    queued_at: 'number',
    ended_at: 'number',
  },
  build(values) {
    return sql`${insertInto('turns', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update set ${replaced(this.columns, ['id', 'session_id'])}`;
  },
};

type TurnChangeRow = {
  id: string;
  status: string | null;
  step: number | null;
  reason: string | null;
  ended_at: number | null;
};

function turnChangeRow(id: string, change: TurnChange): TurnChangeRow {
  return {
    id,
    status: change.status ?? null,
    step: change.step ?? null,
    reason: change.reason ?? null,
    ended_at: change.ended_at ?? null,
  };
}

const changeTurns: RowsStatement<TurnChangeRow> = {
  columns: { id: 'text', status: 'text', step: 'number', reason: 'text', ended_at: 'number' },
  build: (values) => sql`update turns set ${kept('turns', values, ['status', 'step', 'reason', 'ended_at'])}
    from ${values.from} where ${sql.ref('turns.id')} = ${values.column('id')}`,
};

const writeToolCalls: RowsStatement<Row<'tool_calls'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    turn_id: 'text',
    model_call_id: 'text',
    name: 'text',
    status: 'text',
    step: 'number',
    needs_approval: 'number',
    approval_deadline: 'number',
    approval: 'text',
    arguments: 'text',
    result: 'text',
    agent_id: 'text',
    started_at: 'number',
    ended_at: 'number',
  },
  build(values) {
    return sql`${insertInto('tool_calls', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (id) do update
      set ${replaced(this.columns, ['id', 'session_id', 'started_at'])}`;
  },
};

const writeTurnSteps: RowsStatement<Row<'turn_steps'>> = {
  columns: { session_id: 'text', turn_id: 'text', step: 'number', data: 'text' },
  build(values) {
    return sql`${insertInto('turn_steps', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (turn_id, step) do update
      set ${replaced(this.columns, ['turn_id', 'step', 'session_id'])}`;
  },
};

const writePreferences: RowsStatement<Row<'preferences'>> = {
  columns: { owner: 'text', layout: 'text', updated_at: 'number' },
  build(values) {
    return sql`${insertInto('preferences', this.columns, values)} order by ${values.ordinal}
      on conflict (owner) do update set ${replaced(this.columns, ['owner'])}`;
  },
};

/** Traces outlive their session (docs/protocol.md A2), so this does not require one. */
const writeTraces: RowsStatement<Row<'traces'>> = {
  columns: {
    id: 'text',
    session_id: 'text',
    name: 'text',
    status: 'text',
    duration_ms: 'number',
    metadata: 'text',
    created_at: 'number',
    updated_at: 'number',
  },
  build(values) {
    return sql`${insertInto('traces', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do update set ${replaced(this.columns, ['id'])}`;
  },
};

const writeRuntimeConfig: RowsStatement<Row<'runtime_config'>> = {
  columns: { id: 'number', data: 'text', updated_at: 'number' },
  build(values) {
    return sql`${insertInto('runtime_config', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do update set ${replaced(this.columns, ['id'])}`;
  },
};

/** Commands outlive their session, so that a repeated `session.delete` is still recognised. */
const storeCommands: RowsStatement<Row<'commands'>> = {
  columns: { key: 'text', fingerprint: 'text', result: 'text', at: 'number' },
  build(values) {
    return sql`${insertInto('commands', this.columns, values)} order by ${values.ordinal}
      on conflict (key) do update set ${replaced(this.columns, ['key'])}`;
  },
};

/** Each batch with commands deletes the expired ones, so the table stays within what the retention allows. */
const forgetCommands: RowsStatement<{ before: Milliseconds }> = {
  columns: { before: 'number' },
  build: (values) =>
    sql`delete from commands where at < (select ${values.column('before')} from ${values.from})`,
};

function forgottenBefore(commands: readonly Row<'commands'>[]): Milliseconds {
  return commands.reduce((latest, { at }) => Math.max(latest, at), 0) - limits.commandRetentionMs;
}

/**
 * Ends after `from (values …) as v`. `where` or `order by` must follow: without either, SQLite would read `on
 * conflict` as a join condition.
 */
function insertInto<Values>(
  table: keyof Tables,
  columns: RowsStatement<Values>['columns'],
  values: ValuesTable<Values>,
): RawBuilder<unknown> {
  const names = columnNames(columns);
  const targets = sql.join(names.map((name) => sql.ref(name)));
  const sources = sql.join(names.map((name) => values.column(name)));
  return sql`insert into ${sql.table(table)} (${targets}) select ${sources} from ${values.from}`;
}

function sessionExists<Values extends { session_id: SessionId }>(
  values: ValuesTable<Values>,
): RawBuilder<unknown> {
  return sql`exists (select 1 from sessions where ${sql.ref('sessions.id')} = ${values.column('session_id')})`;
}

/** Each column except `except` takes the value of the row that was to be inserted. */
function replaced(columns: object, except: readonly string[]): RawBuilder<unknown> {
  const names = Object.keys(columns).filter((name) => !except.includes(name));
  return sql.join(names.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`));
}

/** Each column takes its value in `v`, or stays unchanged where that is null. */
function kept<Values>(
  table: keyof Tables,
  values: ValuesTable<Values>,
  names: readonly (keyof Values & string)[],
): RawBuilder<unknown> {
  return sql.join(
    names.map(
      (name) => sql`${sql.ref(name)} = coalesce(${values.column(name)}, ${sql.ref(`${table}.${name}`)})`,
    ),
  );
}
