/**
 * The statements that write a batch: its events, then the rows derived from them (`projection.ts`). The order
 * matters: deletions of sessions, then whose sessions are, then sessions, then rows that exist only together with their
 * session (SPEC [JRN4]–[JRN6]), at last deletions of messages ([TREE29]).
 */
import { type RawBuilder, sql } from 'kysely';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { writeConfigChanges } from './config-statements.ts';
import { deleteFiles, deleteReferences, writeFiles, writeReferences } from './file-statements.ts';
import { forgetKeys, noteAuthentication, writeKeys } from './key-statements.ts';
import type { KnownTitles } from './known-titles.ts';
import {
  appendPieces,
  deleteMessages,
  deletePieces,
  findDeletedMessages,
  type SessionKey,
  writeMessages,
} from './message-statements.ts';
import { removeParticipants, writeParticipants } from './participant-statements.ts';
import type { CreatedSession, MessageKey, Projection, Row, SessionChange } from './projection.ts';
import { insertInto, kept, replaced } from './row-statements.ts';
import {
  changeTitleTerms,
  clearMessageTerms,
  forgetTerms,
  titleTermsRow,
  writeMessageTerms,
  writeTitleTerms,
} from './search-statements.ts';
import { handOverSessions, ownerOf, tenantOf, writeSessionOwners } from './session-owners.ts';
import { addTokenSpending, forgetTokenSpending, forgottenDays } from './token-spending.ts';
import { purgeTraces, writeSpans, writeTraces } from './trace-statements.ts';
import { changeTurns, queueTurns, turnChangeRow, writeToolCalls, writeTurnSteps } from './turn-statements.ts';
import type { RowsCompiler, RowsStatement, Statement, ValuesTable } from './values-table.ts';

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
};

/** The statements of a projection, in order; an empty part makes none. */
export function projectionStatements(
  projection: Projection,
  compiler: RowsCompiler,
  titles: KnownTitles,
): Statement[] {
  const deleted = [...projection.deletedSessions].map((id) => ({ id }));
  const deletedMessages = [...projection.deletedMessages.values()];
  const written = [...projection.messages.values()];
  const commands = [...projection.commands.values()];
  const tokenSpending = [...projection.tokenSpending.values()];
  const pieces = [...projection.pieces.values()].flat();
  const changedSessions = [...projection.changedSessions].map(([id, change]) => sessionChangeRow(id, change));
  const messageTerms = [...projection.messageTerms.values()];
  const createdTitles = [...projection.createdSessions].map(([id, { title }]) => titleTermsRow(id, title));
  const changedTitles = [...projection.changedSessions].flatMap(([id, { session }]) =>
    session === null || titles.has(id, session.title) ? [] : [titleTermsRow(id, session.title)],
  );
  const handedOver = [...projection.sessionOwners.values()].filter(
    ({ session_id }) => !projection.createdSessions.has(session_id),
  );
  const changedTurns = [...projection.changedTurns].map(([id, change]) => turnChangeRow(id, change));
  return [
    ...forgetTerms.flatMap((statement) => compiler.compile(statement, deleted)),
    ...deleteFromSessions.flatMap((statement) => compiler.compile(statement, deleted)),
    ...compiler.compile(writeSessionOwners, [...projection.sessionOwners.values()]),
    ...compiler.compile(createSessions, [...projection.createdSessions.values()]),
    ...compiler.compile(handOverSessions, handedOver),
    ...compiler.compile(writeTitleTerms, createdTitles),
    // Before the titles change: those that stay the same are not written again.
    ...compiler.compile(changeTitleTerms, changedTitles),
    ...compiler.compile(changeSessions, changedSessions),
    ...compiler.compile(addTokenSpending, tokenSpending),
    ...compiler.compile(forgetTokenSpending, forgottenDays(tokenSpending)),
    ...compiler.compile(removeParticipants, [...projection.removedParticipants.values()]),
    ...compiler.compile(writeParticipants, [...projection.participants.values()]),
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
    ...compiler.compile(deleteReferences, [...projection.changedReferences.values()]),
    ...compiler.compile(writeReferences, [...projection.fileReferences.values()]),
    ...purgeTraces.flatMap((statement) =>
      compiler.compile(
        statement,
        [...projection.purgedTraces].map((id) => ({ id })),
      ),
    ),
    ...compiler.compile(writeTraces, [...projection.traces.values()]),
    ...compiler.compile(writeSpans, [...projection.traceSpans.values()]),
    ...compiler.compile(
      writeRuntimeConfig,
      projection.runtimeConfig === null ? [] : [projection.runtimeConfig],
    ),
    ...compiler.compile(writeRegisteredTools, [...projection.registeredTools.values()]),
    ...compiler.compile(
      forgetKeys,
      [...projection.forgottenKeys].map((id) => ({ id })),
    ),
    ...compiler.compile(writeKeys, [...projection.apiKeys.values()]),
    ...compiler.compile(
      noteAuthentication,
      projection.authentication === null ? [] : [projection.authentication],
    ),
    ...writeConfigChanges.flatMap((statement) =>
      compiler.compile(statement, [...projection.configChanges.values()]),
    ),
    ...compiler.compile(storeCommands, commands),
    ...compiler.compile(writePreferences, [...projection.preferences.values()]),
    ...compiler.compile(writeFiles, [...projection.files.values()]),
    ...compiler.compile(
      deleteFiles,
      [...projection.deletedFiles].map((id) => ({ id })),
    ),
    ...compiler.compile(forgetCommands, commands.length === 0 ? [] : [{ before: forgottenBefore(commands) }]),
    ...compiler.compile(findDeletedMessages, deletedMessages),
    ...deleteMessages.flatMap((statement) => compiler.compile(statement, sessionsOf(deletedMessages))),
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
    ['participants', 'session_id'],
    ['messages', 'session_id'],
    ['message_pieces', 'session_id'],
    ['turns', 'session_id'],
    ['tool_calls', 'session_id'],
    ['turn_steps', 'session_id'],
    ['file_references', 'session_id'],
    ['deleted_messages', 'session_id'],
  ] as const
).map(
  ([table, column]): RowsStatement<{ id: SessionId }> => ({
    columns: { id: 'text' },
    build: (values) =>
      sql`delete from ${sql.table(table)} where ${sql.ref(column)} in (select ${values.column('id')} from ${values.from})`,
  }),
);

const createSessions: RowsStatement<CreatedSession> = {
  columns: {
    id: 'text',
    title: 'text',
    description: 'text',
    status: 'text',
    created_at: 'number',
    updated_at: 'number',
    activity: 'text',
    options: 'text',
    leaf_id: 'text',
    auto_title: 'number',
    closed_at: 'number',
    forked_from: 'text',
    stored_bytes: 'number',
    version: 'number',
  },
  build(values) {
    const owned = { owner: ownerOf(values.column('id')), tenant: tenantOf(values.column('id')) };
    return sql`${insertInto('sessions', this.columns, values, owned)} order by ${values.ordinal} on conflict (id) do update
      set ${replaced({ ...this.columns, ...owned }, ['id', 'version'])}, version = ${sql.ref('sessions.version')} + 1`;
  },
};

type SessionChangeRow = {
  id: SessionId;
  title: string | null;
  description: string | null;
  status: string | null;
  options: string | null;
  auto_title: number | null;
  closed_at: number | null;
  forked_from: string | null;
  updated_at: number | null;
  activity: string | null;
  leaf_id: string | null;
  /** 1: `leaf_id` is the new leaf. */
  has_leaf: number;
  bytes: number;
};

function sessionChangeRow(id: SessionId, change: SessionChange): SessionChangeRow {
  return {
    id,
    title: change.session?.title ?? null,
    description: change.session?.description ?? null,
    status: change.session?.status ?? null,
    options: change.session?.options ?? null,
    auto_title: change.session?.auto_title ?? null,
    closed_at: change.session?.closed_at ?? null,
    forked_from: change.session?.forked_from ?? null,
    updated_at: change.session?.updated_at ?? null,
    activity: change.activity,
    leaf_id: change.leaf?.id ?? null,
    has_leaf: change.leaf === null ? 0 : 1,
    bytes: change.bytes,
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
    auto_title: 'number',
    closed_at: 'number',
    forked_from: 'text',
    updated_at: 'number',
    activity: 'text',
    leaf_id: 'text',
    has_leaf: 'number',
    bytes: 'number',
  },
  build: (values) => sql`update sessions set
    ${kept('sessions', values, ['title', 'status', 'auto_title', 'updated_at', 'activity'])},
    ${optional(values, 'description')}, ${optional(values, 'options')}, ${optional(values, 'forked_from')},
    ${optional(values, 'closed_at')},
    leaf_id = case when ${values.column('has_leaf')} = 1
      then ${values.column('leaf_id')} else ${sql.ref('sessions.leaf_id')} end,
    stored_bytes = ${sql.ref('sessions.stored_bytes')} + ${values.column('bytes')},
    version = ${sql.ref('sessions.version')} + 1
    from ${values.from} where ${sql.ref('sessions.id')} = ${values.column('id')}`,
};

/** Null when the value is null; kept when the change does not concern the session's own columns. */
function optional(
  values: ValuesTable<SessionChangeRow>,
  name: 'description' | 'options' | 'closed_at' | 'forked_from',
): RawBuilder<unknown> {
  return sql`${sql.ref(name)} = case when ${values.column('title')} is null
    then ${sql.ref(`sessions.${name}`)} else ${values.column(name)} end`;
}

const writePreferences: RowsStatement<Row<'preferences'>> = {
  columns: { owner: 'text', layout: 'text', updated_at: 'number' },
  build(values) {
    return sql`${insertInto('preferences', this.columns, values)} order by ${values.ordinal}
      on conflict (owner) do update set ${replaced(this.columns, ['owner'])}`;
  },
};

const writeRuntimeConfig: RowsStatement<Row<'runtime_config'>> = {
  columns: { id: 'number', data: 'text', updated_at: 'number' },
  build(values) {
    return sql`${insertInto('runtime_config', this.columns, values)} order by ${values.ordinal}
      on conflict (id) do update set ${replaced(this.columns, ['id'])}`;
  },
};

const writeRegisteredTools: RowsStatement<Row<'registered_tools'>> = {
  columns: { name: 'text', data: 'text' },
  build(values) {
    return sql`${insertInto('registered_tools', this.columns, values)} order by ${values.ordinal}
      on conflict (name) do update set ${replaced(this.columns, ['name'])}`;
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

function sessionsOf(messages: readonly MessageKey[]): SessionKey[] {
  return [...new Set(messages.map(({ session_id }) => session_id))].map((session_id) => ({ session_id }));
}
