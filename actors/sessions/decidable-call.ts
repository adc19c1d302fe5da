/** Adds the stored call to a decision about it: the machines only know the calls of the running turn. */
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ReadModel } from '../ports.ts';

type Decision = Extract<SessionCommand, { type: 'tool.approve' | 'tool.deny' }>;

export function isDecision(command: SessionCommand): command is Decision {
  return command.type === 'tool.approve' || command.type === 'tool.deny';
}

/** Call it only when everything before the command is durable. Rejects when the read model does. */
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
