/** Adds the stored call to a decision about it: the machines only know the calls of the running turn. */
import type { DecisionCommand } from '../../schema/command-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { ReadModel } from '../ports.ts';

/** Call it only when everything before the command is durable. Rejects when the read model does. */
export async function withStoredCall(
  readModel: ReadModel,
  session: SessionId,
  command: DecisionCommand,
): Promise<DecisionCommand> {
  const call = await readModel.toolCall(command.callId);
  if (call === undefined || call.sessionId !== session) return command;
  const { id, status, approval } = call;
  return { ...command, stored: { id, awaits: status === 'awaitingApproval', approval } };
}
