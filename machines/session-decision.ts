/** What a session decides about a command or event: what changes, what is said, and what its running turn is told. */

import type { SessionOwner } from '../schema/authorization.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { CommandReply, SessionCommand } from '../schema/commands.ts';
import type { DomainEvent, DomainEventOf } from '../schema/event-catalogue.ts';
import type { CommandId, MessageId } from '../schema/ids.ts';
import { type ModelOptions, mergedModelOptions } from '../schema/model-options.ts';
import type { Scope } from '../schema/principal.ts';
import type { Refusal } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import type { SessionContext } from './chat-session-context.ts';
import { refusalOf } from './command-answer.ts';

export type SessionDecision = {
  readonly changes: Partial<SessionContext>;
  /** In this order. */
  readonly says: readonly DomainEvent[];
  /** Told to the running turn, if there is one, after all that is said. */
  readonly tells?: 'turn.cancel' | undefined;
  /** The reply, after everything that the command caused (I10). */
  readonly answers?: readonly (DomainEvent | CommandReply)[] | undefined;
};

export function refusing(
  { sessionId }: SessionContext,
  command: SessionCommand,
  reason: Refusal,
): SessionDecision {
  return { changes: {}, says: [], answers: [refusalOf(sessionId, command, reason)] };
}

/** The session of a machine in `open` or `deleting`, where it always exists. */
export function createdSession(context: SessionContext): ChatSession {
  if (context.session === null) throw new Error(`session ${context.sessionId} has not been created`);
  return context.session;
}

/** The options of a turn: the session's, with those of the command over them. */
export function optionsOf(
  context: SessionContext,
  options: ModelOptions | undefined,
): { readonly options?: ModelOptions } {
  const merged = mergedModelOptions(createdSession(context).options ?? {}, options ?? {});
  return Object.keys(merged).length === 0 ? {} : { options: merged };
}

/** What a turn keeps of whoever gave its command: the scopes that decide its tools, and who pays for it. */
export function senderOf({
  scopes,
  chargedTo,
}: {
  readonly scopes?: readonly Scope[] | undefined;
  readonly chargedTo?: SessionOwner | undefined;
}) {
  return {
    ...(scopes === undefined ? {} : { scopes }),
    ...(chargedTo === undefined ? {} : { chargedTo }),
  };
}

export function sessionAtLeaf(session: ChatSession, leafId: MessageId | null): ChatSession {
  const { leafId: _, ...rest } = session;
  return leafId === null ? rest : { ...rest, leafId };
}

export function sessionCreated(
  session: ChatSession,
  { at, commandId, owner }: Extract<SessionCommand, { readonly owner?: unknown }>,
): DomainEvent {
  return {
    type: 'session.created',
    sessionId: session.id,
    at,
    data: session,
    commandId,
    ...(owner === undefined ? {} : { record: owner }),
  };
}

export function sessionChanged(
  session: ChatSession,
  at: Milliseconds,
  commandId?: CommandId,
): DomainEventOf<'session.updated'> {
  return {
    type: 'session.updated',
    sessionId: session.id,
    at,
    data: session,
    ...(commandId === undefined ? {} : { commandId }),
  };
}

/** Nothing, when the leaf is where it was. */
export function branchSelected(
  session: ChatSession,
  leafId: MessageId | null,
  at: Milliseconds,
  commandId?: CommandId,
): readonly DomainEvent[] {
  if ((session.leafId ?? null) === leafId) return [];
  return [
    {
      type: 'branch.selected',
      sessionId: session.id,
      at,
      data: { sessionId: session.id, leafId },
      ...(commandId === undefined ? {} : { commandId }),
    },
  ];
}

/** A queued turn that is dropped ends as cancelled, so that the journal has an end for every turn. */
export function droppedTurn(turn: TurnIdentity, at: Milliseconds): DomainEvent {
  const { turnId, sessionId } = turn;
  return {
    type: 'turn.ended',
    sessionId,
    at,
    data: { turnId, sessionId, timestamp: isoTimestamp(at), outcome: 'cancelled' },
  };
}
