/**
 * Decisions about who takes part in a session. Each looks at the participants as stored, which were looked up just
 * before: a session does not keep them in memory. Pure.
 */
import type { ParticipantCommand } from '../schema/command-table.ts';
import type { CommandResult } from '../schema/commands.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { type AddParticipant, type Participant, participant } from '../schema/participant.ts';
import { participantNotFound, refusal } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';
import type { SessionContext } from './chat-session-context.ts';
import { acceptance } from './command-answer.ts';
import { refusing, type SessionDecision } from './session-decision.ts';

type Command<Type extends ParticipantCommand['type']> = Extract<ParticipantCommand, { type: Type }>;

const nobody = { participant: null, count: 0, owners: 0 };

export function decideParticipant(context: SessionContext, command: ParticipantCommand): SessionDecision {
  switch (command.type) {
    case 'participant.add':
      return decideAdd(context, command);
    case 'participant.update':
      return decideUpdate(context, command);
    case 'participant.remove':
      return decideRemove(context, command);
    default:
      return unreachable(command);
  }
}

/** Whoever says the same again is answered as the first time. */
function decideAdd(context: SessionContext, command: Command<'participant.add'>): SessionDecision {
  const { participant: known, count } = command.stored ?? nobody;
  const { id, role, name } = command.participant;
  if (known !== null) {
    if (known.role === role && known.name === name) return saying(context, command, [], known);
    return conflicting(context, command, `Participant ${id} takes part already, as ${known.role}`);
  }
  if (count >= limits.participantsMax) {
    return conflicting(context, command, `At most ${limits.participantsMax} participants can take part`);
  }
  const { at, commandId } = command;
  const added = newParticipant(context.sessionId, command.participant, at);
  const { sessionId } = context;
  return saying(
    context,
    command,
    [{ type: 'participant.added', sessionId, at, commandId, data: added }],
    added,
  );
}

export function newParticipant(
  sessionId: SessionId,
  { id, name, role }: AddParticipant,
  at: Milliseconds,
): Participant {
  const createdAt = isoTimestamp(at);
  return participant({ sessionId, id, name, role, createdAt, updatedAt: createdAt });
}

/** Nothing is said of a change that changes nothing. */
function decideUpdate(context: SessionContext, command: Command<'participant.update'>): SessionDecision {
  const { participant: known, owners } = command.stored ?? nobody;
  if (known === null) return unknown(context, command);
  const { name = known.name, role = known.role } = command.patch;
  if (known.role === 'owner' && role !== 'owner' && owners <= 1) return lastOwner(context, command);
  const shown = name ?? undefined;
  if (role === known.role && shown === known.name) return saying(context, command, [], known);
  const { at, commandId } = command;
  const updatedAt = isoTimestamp(Math.max(at, millisecondsOf(known.updatedAt) + 1));
  const data = participant({ ...known, name: shown, role, updatedAt });
  const { sessionId } = context;
  return saying(context, command, [{ type: 'participant.updated', sessionId, at, commandId, data }], data);
}

function decideRemove(context: SessionContext, command: Command<'participant.remove'>): SessionDecision {
  const { participant: known, owners } = command.stored ?? nobody;
  if (known === null) return unknown(context, command);
  if (known.role === 'owner' && owners <= 1) return lastOwner(context, command);
  const { at, commandId, id } = command;
  const { sessionId } = context;
  const data = { sessionId, id };
  return saying(context, command, [{ type: 'participant.removed', sessionId, at, commandId, data }], null);
}

function saying<One extends ParticipantCommand>(
  context: SessionContext,
  command: One,
  says: readonly DomainEvent[],
  result: CommandResult[One['type']],
): SessionDecision {
  const answers = acceptance<ParticipantCommand>(context.sessionId, command, result);
  return { changes: { now: Math.max(context.now, command.at) }, says, answers };
}

function unknown(context: SessionContext, command: Command<'participant.update' | 'participant.remove'>) {
  return refusing(context, command, participantNotFound(command.id));
}

function lastOwner(context: SessionContext, command: Command<'participant.update' | 'participant.remove'>) {
  return conflicting(context, command, `Participant ${command.id} is the only owner; name another one first`);
}

function conflicting(context: SessionContext, command: ParticipantCommand, message: string): SessionDecision {
  return refusing(context, command, refusal('conflict', message));
}
