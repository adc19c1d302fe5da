/** Commands of people about tool calls. */
import type { DecisionCommand } from '../../schema/command-table.ts';
import type { CommandId, SessionId, ToolCallId } from '../../schema/ids.ts';
import { idKinds, idOf } from './ids.ts';
import { noon } from './instants.ts';

export function decision(
  type: DecisionCommand['type'],
  callId: ToolCallId,
  more: { readonly at?: number; readonly count?: number } & Partial<
    Pick<DecisionCommand, 'reason' | 'stored'>
  > = {},
): DecisionCommand {
  const { at = noon, count = 1, stored = null, ...rest } = more;
  return {
    type,
    commandId: idOf<CommandId>(idKinds.command, count),
    at,
    sessionId: idOf<SessionId>(idKinds.session, 1),
    callId,
    stored,
    ...rest,
  };
}
