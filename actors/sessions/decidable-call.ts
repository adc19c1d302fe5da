/** Gives a decision about a tool call what the store knows of the call: the machines see only those of this turn. */
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ReadModel } from '../ports.ts';

type Decision = Extract<SessionCommand, { type: 'tool.approve' | 'tool.deny' }>;

export function isDecision(command: SessionCommand): command is Decision {
  return command.type === 'tool.approve' || command.type === 'tool.deny';
}

/** Everything that came before it must be durable. Rejects when the read model does. */
export async function withStoredCall(
  readModel: ReadModel,
  session: SessionId,
  command: Decision,
): Promise<Decision> {
  const call = await readModel.toolCall(command.callId);
  if (call === undefined || call.sessionId !== session) return command;
  const { id, status, approval } = call;
  return { ...command, stored: { id, awaits: status === 'awaitingApproval', approval } };
}
