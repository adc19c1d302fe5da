/**
 * Reads for transcripts. The outline is one statement, so it is of one moment; it has no texts. The pages are looked up
 * by their ids, and compared with the outline (SPEC [TRN4]).
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import {
  type OutlinedCall,
  type OutlinedMessage,
  type OutlinedTurn,
  TranscriptChanged,
  type TranscriptOutline,
  type TranscriptReads,
} from '../../../actors/transcript-reads.ts';
import type { MessageFact, MessageStatus } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../../schema/ids.ts';
import type { ImportedCall, ImportedTurn } from '../../../schema/imported-conversation.ts';
import { limits } from '../../../schema/limits.ts';
import type { Tables, ToolCallsTable } from '../../../schema/storage/tables.ts';
import type { TranscriptBranch } from '../../../schema/transcript.ts';
import type { TurnStatus } from '../../../schema/turn-record.ts';
import { databaseAnswer } from './database-answer.ts';
import { endedMessages, lastKept, parentsFirst } from './ended-tree.ts';
import { eachOf } from './joined-rows.ts';
import { hasEnded, importedCall, importedTurn, stepsOf } from './kysely-copy.ts';
import { type TurnRow, tracesOf } from './kysely-turns.ts';
import { readParticipants } from './participant-statements.ts';
import { messagesOf, sessionOf } from './stored-rows.ts';

export function transcriptReads(db: Kysely<Tables>): TranscriptReads {
  const answer = <Value>(ask: () => Promise<Value>) => databaseAnswer('transcript', ask);
  return {
    outline: (session, branch) => answer(() => readOutline(db, session, branch)),
    messages: async (session, outlined) =>
      sameMessages(outlined, await answer(() => readMessages(db, session, outlined))),
    turns: async (outlined) =>
      inOrder(outlined, await answer(() => readTurns(db, outlined)), (turn) => turn.turnId),
    callsOf: async (outlined) => {
      const { calls, turns } = await answer(() => readCallsOf(db, outlined));
      if (turns !== outlined.length) throw new TranscriptChanged('a turn is gone');
      return calls;
    },
    calls: async (outlined) =>
      inOrder(outlined, await answer(() => readCalls(db, outlined)), (call) => call.id),
  };
}

type OutlineRow = { readonly bytes: number; readonly position: number } & (
  | { readonly kind: 'session'; readonly id: MessageId | null }
  | {
      readonly kind: 'message';
      readonly id: MessageId;
      readonly above: MessageId | null;
      readonly status: MessageStatus;
      readonly queue_rank: number | null;
    }
  | {
      readonly kind: 'turn';
      readonly id: TurnId;
      readonly above: MessageId;
      readonly answer_id: MessageId;
      readonly status: TurnStatus;
    }
);

async function readOutline(
  db: Kysely<Tables>,
  id: SessionId,
  branch: TranscriptBranch,
): Promise<TranscriptOutline | 'too long' | undefined> {
  const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const { rows } = await sql<OutlineRow>`
    select 'session' as kind, leaf_id as id, cast(null as text) as above, cast(null as text) as answer_id,
      cast(null as text) as status, cast(null as bigint) as queue_rank, 0 as bytes, 0 as position
      from sessions where id = ${id}
    union all
    select 'message', id, parent_id, null, status, queue_rank,
      octet_length(content) + coalesce(octet_length(marks), 0), position
      from messages where session_id = ${id}
    union all
    select 'turn', id, prompt_id, answer_id, status, null,
      coalesce((select sum(octet_length(data)) from turn_steps where turn_steps.turn_id = turns.id), 0), position
      from turns where session_id = ${id}
    limit ${sql.lit(2 * limits.transcriptMessagesMax + 1)}`.execute(db);
  const leaf = rows.find((one) => one.kind === 'session');
  if (leaf === undefined) return undefined;
  const all = rows.filter((one) => one.kind === 'message').sort(byPosition);
  const turns = rows.filter((one) => one.kind === 'turn').sort(byPosition);
  if (Math.max(all.length, turns.length) > limits.transcriptMessagesMax) return 'too long';
  if (rows.length > 2 * limits.transcriptMessagesMax) return 'too long';
  const running = new Set(turns.filter(({ status }) => status === 'running').map((turn) => turn.answer_id));
  const placed = parentsFirst(
    all.map(({ id, above, status, queue_rank, bytes }) => ({
      id,
      parentId: above,
      // An answer whose turn runs is not over, whatever it says of itself.
      status: running.has(id) ? ('streaming' as const) : status,
      ...(queue_rank === null ? {} : { queueRank: queue_rank }),
      bytes: Number(bytes),
    })),
  );
  const ended = endedMessages(placed);
  const leafId = lastKept(leaf.id, placed, ended);
  const told = branch === 'all' ? ended : pathTo(leafId, ended);
  const isTold = new Set(told.map((message) => message.id));
  const exists = new Set(all.map((message) => message.id));
  return {
    session: sessionOf(row),
    participants: await readParticipants(db, id),
    leafId,
    messages: told.map(({ queueRank: _, ...message }) => message),
    turns: turns
      .filter(
        ({ status, above, answer_id }) =>
          status !== 'queued' &&
          status !== 'running' &&
          isTold.has(above) &&
          (isTold.has(answer_id) || !exists.has(answer_id)),
      )
      .map(({ id, above, answer_id, bytes }) => ({
        id,
        promptId: above,
        answerId: answer_id,
        bytes: Number(bytes),
      })),
  };
}

function byPosition(one: { readonly position: number }, other: { readonly position: number }): number {
  return one.position - other.position;
}

function pathTo<Message extends OutlinedMessage>(
  leafId: MessageId | null,
  ended: readonly Message[],
): Message[] {
  const known = new Map(ended.map((message) => [message.id, message]));
  const path: Message[] = [];
  for (let next = leafId === null ? undefined : known.get(leafId); next !== undefined; ) {
    path.push(next);
    next = next.parentId === null ? undefined : known.get(next.parentId);
  }
  return path.reverse();
}

async function readMessages(
  db: Kysely<Tables>,
  session: SessionId,
  outlined: readonly OutlinedMessage[],
): Promise<readonly Selectable<Tables['messages']>[]> {
  const { rows } = await sql<Selectable<Tables['messages']>>`select message.* from
    ${eachOf(db, idsOf(outlined), { table: 'messages', as: 'message', by: 'id', session: sql`${session}` })}`.execute(
    db,
  );
  return rows;
}

/** What has ended keeps its text, and its status; only going on changes it. */
function sameMessages(
  outlined: readonly OutlinedMessage[],
  rows: readonly Selectable<Tables['messages']>[],
): readonly MessageFact[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return outlined.map(({ id, status, bytes }) => {
    const row = byId.get(id);
    if (row === undefined) throw new TranscriptChanged(`message ${id} is gone`);
    const length = Buffer.byteLength(row.content) + (row.marks === null ? 0 : Buffer.byteLength(row.marks));
    const [message] = messagesOf([{ ...row, offset_units: null, text: null, piece_marks: null }]);
    if (message === undefined || row.status !== status || length !== bytes) {
      throw new TranscriptChanged(`message ${id} has gone on`);
    }
    return message;
  });
}

async function readTurns(
  db: Kysely<Tables>,
  outlined: readonly OutlinedTurn[],
): Promise<readonly ImportedTurn[]> {
  const { rows } = await sql<TurnRow>`select turn.* from
    ${eachOf(db, idsOf(outlined), { table: 'turns', as: 'turn', by: 'id' })}`.execute(db);
  const steps = await stepsOf(db, rows);
  const traces = await tracesOf(db, rows);
  // Steps and turns are deleted together: those that are there now were there before.
  const still = await countTurns(db, rows);
  if (still !== rows.length) return [];
  return rows
    .filter(hasEnded)
    .map((turn) => importedTurn(turn, steps.get(turn.id) ?? [], traces.get(turn.trace_id)));
}

async function countTurns(db: Kysely<Tables>, turns: readonly { readonly id: TurnId }[]): Promise<number> {
  const { rows } = await sql<{ id: TurnId }>`select turn.id from
    ${eachOf(db, idsOf(turns), { table: 'turns', as: 'turn', by: 'id' })}`.execute(db);
  return rows.length;
}

async function readCallsOf(
  db: Kysely<Tables>,
  turns: readonly OutlinedTurn[],
): Promise<{ readonly calls: readonly OutlinedCall[]; readonly turns: number }> {
  const { rows } = await sql<{ id: ToolCallId; bytes: number }>`select call.id,
    octet_length(call.arguments) + coalesce(octet_length(call.result), 0) as bytes from
    ${eachOf(db, idsOf(turns), { table: 'tool_calls', as: 'call', by: 'turn_id' })}
    and call.status in ('completed', 'failed') and call.ended_at is not null order by call.position`.execute(
    db,
  );
  return {
    calls: rows.map(({ id, bytes }) => ({ id, bytes: Number(bytes) })),
    turns: await countTurns(db, turns),
  };
}

async function readCalls(
  db: Kysely<Tables>,
  outlined: readonly OutlinedCall[],
): Promise<readonly ImportedCall[]> {
  const { rows } = await sql<Selectable<ToolCallsTable>>`select call.* from
    ${eachOf(db, idsOf(outlined), { table: 'tool_calls', as: 'call', by: 'id' })}`.execute(db);
  return rows.flatMap((row) => importedCall(row) ?? []);
}

function inOrder<Row, Id>(
  outlined: readonly { readonly id: Id }[],
  rows: readonly Row[],
  idOf: (row: Row) => Id,
): readonly Row[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return outlined.map(({ id }) => {
    const row = byId.get(id);
    if (row === undefined) throw new TranscriptChanged(`${String(id)} is gone`);
    return row;
  });
}

function idsOf(outlined: readonly { readonly id: string }[]): readonly string[] {
  return outlined.map(({ id }) => id);
}
