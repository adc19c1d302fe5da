/** Rows of the read model in memory, as events make them. */
import type { ListedTurn, StoredToolCall, StoredTurn } from '../../actors/stored-rows.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { EventData } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, TurnId } from '../../schema/ids.ts';
import type { ImportedCall, ImportedTurn } from '../../schema/imported-conversation.ts';
import { type Milliseconds, millisecondsOf } from '../../schema/timestamp.ts';

/** A turn, with what only copies and conversations need. */
export type MemoryTurn = {
  readonly turn: StoredTurn;
  readonly queuedAt: Milliseconds;
  readonly endedAt?: Milliseconds;
  readonly reason?: string;
};

/** Ids of messages are unique within their session alone. */
export function messageRowKey(session: SessionId, message: MessageId): string {
  return `${session} ${message}`;
}

export function forgetRowsOf<Id>(
  table: Map<Id, { readonly sessionId: SessionId }>,
  session: SessionId,
): void {
  for (const [id, row] of table) if (row.sessionId === session) table.delete(id);
}

export function forgetRowsOfTurn<Id>(table: Map<Id, { readonly turnId: TurnId }>, turn: TurnId): void {
  for (const [id, row] of table) if (row.turnId === turn) table.delete(id);
}

export function isOpenTurn(turn: StoredTurn): boolean {
  return turn.status === 'queued' || turn.status === 'running';
}

/** The message as it is read back: what says nothing is absent, and what does not wait has a parent or `null`. */
export function storedMessage(message: MessageFact): MessageFact {
  const { parentId = null, queueRank, status, marks = [], ...rest } = message;
  return {
    ...rest,
    ...(queueRank === undefined ? { parentId } : { queueRank }),
    ...(status === undefined || status === 'complete' ? {} : { status }),
    ...(marks.length === 0 ? {} : { marks }),
  };
}

export function queuedTurn(queued: EventData<'turn.queued'>): StoredTurn {
  const { turnId, sessionId, promptId, answerId, traceId, options, scopes, rank, continuesAt } = queued;
  const { steers, pushed, chargedTo } = queued;
  return {
    turnId,
    sessionId,
    promptId,
    answerId,
    traceId,
    status: 'queued',
    step: 0,
    ...(options === undefined ? {} : { options }),
    ...(chargedTo === undefined ? {} : { chargedTo }),
    ...(scopes === undefined ? {} : { scopes }),
    rank: rank ?? 0,
    ...(continuesAt === undefined ? {} : { continuesAt }),
    steers: steers ?? false,
    ...(pushed === undefined ? {} : { pushed }),
  };
}

export function importedTurn(sessionId: SessionId, imported: ImportedTurn, rank: number): MemoryTurn {
  const { turnId, promptId, answerId, traceId, options, continuesAt, reason } = imported;
  return {
    turn: {
      turnId,
      sessionId,
      promptId,
      answerId,
      traceId,
      status: imported.outcome,
      step: imported.steps.at(-1)?.step ?? 0,
      ...(options === undefined ? {} : { options }),
      rank,
      ...(continuesAt === undefined ? {} : { continuesAt }),
      steers: false,
    },
    queuedAt: millisecondsOf(imported.queuedAt),
    endedAt: millisecondsOf(imported.endedAt),
    ...(reason === undefined ? {} : { reason }),
  };
}

export function importedCall(sessionId: SessionId, call: ImportedCall): StoredToolCall {
  const { approval, startedAt, endedAt, ...rest } = call;
  return {
    ...rest,
    sessionId,
    answerId: null,
    needsApproval: approval !== undefined,
    approvalDeadline: null,
    approval: approval ?? null,
    startedAt: millisecondsOf(startedAt),
    endedAt: millisecondsOf(endedAt),
  };
}

export function listedTurn({ turn, queuedAt, endedAt, reason }: MemoryTurn): ListedTurn {
  return {
    ...turn,
    queuedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Of rows in the order of their creation: by a time, descending; among equal times the newest row first. */
export function newestFirst<Item>(rows: readonly Item[], timeOf: (row: Item) => string): Item[] {
  return rows.toReversed().sort((one, other) => descending(timeOf(one), timeOf(other)));
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
