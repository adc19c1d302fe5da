/** Adds to a command what is stored of its subject: the machines know only what runs and what waits. */
import {
  type DecisionCommand,
  isDecision,
  isMessageCommand,
  type MessageCommand,
} from '../../schema/command-table.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ReadModel } from '../ports.ts';

export function needsLookup(command: SessionCommand): boolean {
  return isDecision(command) || isMessageCommand(command);
}

/** Call it only when everything before the command is durable. Rejects when the read model does. */
export async function lookedUp(
  readModel: ReadModel,
  session: SessionId,
  command: SessionCommand,
): Promise<SessionCommand> {
  if (isDecision(command)) return withStoredCall(readModel, session, command);
  if (isMessageCommand(command)) return withStoredPlace(readModel, session, command);
  return command;
}

async function withStoredCall(
  readModel: ReadModel,
  session: SessionId,
  command: DecisionCommand,
): Promise<DecisionCommand> {
  const call = await readModel.toolCall(command.callId);
  if (call === undefined || call.sessionId !== session) return command;
  const { id, status, approval } = call;
  return { ...command, stored: { id, awaits: status === 'awaitingApproval', approval } };
}

async function withStoredPlace(
  readModel: ReadModel,
  session: SessionId,
  command: MessageCommand,
): Promise<MessageCommand> {
  const place = await readModel.place(session, command.messageId);
  return place === undefined ? command : { ...command, stored: place };
}
