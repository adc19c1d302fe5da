/** Places in a tree, and copies of conversations, in memory. */
import { type MessageFact, startsTurn } from '../../schema/chat-message.ts';
import type { StoredPlace } from '../../schema/commands.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import type { ImportedCall, ImportedConversation, ImportedTurn } from '../../schema/imported-conversation.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { placesOf, turnOutcomes } from '../../schema/turn-record.ts';
import type { MemoryTables } from './memory-tables.ts';

export function placeInMemory(
  tables: MemoryTables,
  session: SessionId,
  id: MessageId,
): StoredPlace | undefined {
  const message = tables.message(session, id);
  if (message === undefined) return undefined;
  const tree = tables.tree(session);
  const waits = message.queueRank !== undefined;
  const inside = tree.subtree(id);
  const parent = message.parentId ?? null;
  const beside = new Set(
    waits ? [] : tree.childrenOf(parent).flatMap((child) => [...tree.subtree(child.id)]),
  ).difference(inside);
  const asked = startsTurn(message.role) ? message : undefined;
  const leafId = tables.session(session)?.leafId;
  return {
    message,
    prompt: (message.promptId === undefined ? asked : tables.message(session, message.promptId)) ?? null,
    hasChildren: !waits && tree.childrenOf(id).length > 0,
    newestLeafId: (waits ? undefined : tree.newestLeaf((one) => inside.has(one))) ?? id,
    isOnBranch: !waits && leafId !== undefined && inside.has(leafId),
    leafWithoutId: tree.newestLeaf((one) => beside.has(one)) ?? parent,
    openTurns: tables
      .openTurns(session)
      .filter((turn) => placesOf(turn).some((place) => (waits ? place === id : inside.has(place))))
      .map(({ turnId }) => turnId),
  };
}

export function copyInMemory(
  tables: MemoryTables,
  session: SessionId,
  upTo: MessageId | 'all',
): ImportedConversation | undefined {
  const row = tables.session(session);
  if (row === undefined) return undefined;
  const read = upTo === 'all' ? parentsFirst(tables, session) : upToMessage(tables, session, upTo);
  if (read === undefined) return undefined;
  const kept = new Map<MessageId, MessageFact>();
  for (const message of read) {
    if (message.queueRank !== undefined || message.status === 'streaming') continue;
    if (message.parentId == null || kept.has(message.parentId)) kept.set(message.id, message);
  }
  const messages = [...kept.values()];
  const turns = endedTurns(tables, session, kept);
  const onBranch = upTo === 'all' ? tables.tree(session).pathTo(row.leafId) : messages;
  return {
    leafId: onBranch.findLast(({ id }) => kept.has(id))?.id ?? null,
    messages,
    turns,
    calls: endedCalls(tables, session, turns),
  };
}

function upToMessage(
  tables: MemoryTables,
  session: SessionId,
  upTo: MessageId,
): readonly MessageFact[] | undefined {
  const message = tables.message(session, upTo);
  if (message === undefined) return undefined;
  return message.queueRank === undefined
    ? tables.tree(session).pathTo(upTo)
    : tables.currentMessages(session);
}

function parentsFirst(tables: MemoryTables, session: SessionId): readonly MessageFact[] {
  const tree = tables.tree(session);
  return [...new Set(tables.messages(session).flatMap(({ id }) => tree.pathTo(id)))];
}

function endedTurns(
  tables: MemoryTables,
  session: SessionId,
  kept: ReadonlyMap<MessageId, MessageFact>,
): ImportedTurn[] {
  return tables.turns(session).flatMap(({ turn, queuedAt, endedAt, reason }) => {
    const { turnId, promptId, answerId, traceId, options, continuesAt } = turn;
    const outcome = turnOutcomes.find((one) => one === turn.status);
    const isTold = kept.has(answerId) || tables.message(session, answerId) === undefined;
    if (outcome === undefined || !kept.has(promptId) || !isTold) return [];
    const trace = tables.trace(traceId);
    return [
      {
        turnId,
        promptId,
        answerId,
        traceId,
        outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(options === undefined ? {} : { options }),
        ...(continuesAt === undefined ? {} : { continuesAt }),
        queuedAt: isoTimestamp(queuedAt),
        endedAt: isoTimestamp(endedAt ?? queuedAt),
        steps: tables.turnSteps(turnId),
        ...(trace === undefined ? {} : { trace }),
      },
    ];
  });
}

function endedCalls(
  tables: MemoryTables,
  session: SessionId,
  turns: readonly ImportedTurn[],
): ImportedCall[] {
  const ids = new Set(turns.map(({ turnId }) => turnId));
  return tables.sessionToolCalls(session).flatMap((call) => {
    const { id, turnId, step, modelCallId, name, status, agentId, argumentsJson, result, approval } = call;
    if (!ids.has(turnId) || call.endedAt === null) return [];
    if (status !== 'completed' && status !== 'failed') return [];
    return [
      {
        id,
        turnId,
        step,
        modelCallId,
        name,
        status,
        agentId,
        argumentsJson,
        result: result ?? '',
        ...(call.files === undefined ? {} : { files: [...call.files] }),
        ...(approval === null ? {} : { approval }),
        startedAt: isoTimestamp(call.startedAt),
        endedAt: isoTimestamp(call.endedAt),
      },
    ];
  });
}
