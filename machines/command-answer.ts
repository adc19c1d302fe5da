/** The events with which a machine answers a command, after the events that the command caused. */

import type { DecisionCommand } from '../schema/command-table.ts';
import type { CommandReply, CommandResult, SessionCommand } from '../schema/commands.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId } from '../schema/ids.ts';
import type { Outcome, Refusal } from '../schema/refusal.ts';
import type { ToolDecision } from '../schema/tool-decision.ts';

/** The reply. Before it, for a named command, the stored copy with which repetitions are answered (I10). */
export function acceptance<Command extends SessionCommand>(
  sessionId: SessionId,
  command: Command,
  result: CommandResult[Command['type']],
): readonly (DomainEvent | CommandReply)[] {
  const { commandId, idempotency, at } = command;
  const reply: CommandReply = { type: 'command.accepted', sessionId, commandId, result };
  if (idempotency === undefined) return [reply];
  return [{ type: 'command.completed', sessionId, at, commandId, data: { ...idempotency, result } }, reply];
}

export function refusalOf(
  sessionId: SessionId,
  { commandId }: Pick<SessionCommand, 'commandId'>,
  refusal: Refusal,
): CommandReply {
  return { type: 'command.refused', sessionId, commandId, refusal };
}

export function answeredDecision(
  command: DecisionCommand,
  outcome: Outcome<ToolDecision>,
): readonly (DomainEvent | CommandReply)[] {
  const { sessionId } = command;
  return outcome.ok
    ? acceptance(sessionId, command, outcome.value)
    : [refusalOf(sessionId, command, outcome.refusal)];
}
