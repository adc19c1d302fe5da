/** Whether the principal of a `callboard.v1` connection may give the command of a frame ([AUTH8], [OWN3]). */
import type { CommandDescription } from '../../../schema/command-description.ts';
import { commandTable } from '../../../schema/command-table.ts';
import { hasScope, type Principal } from '../../../schema/principal.ts';
import { missingScope, type Refusal } from '../../../schema/refusal.ts';
import { turnCommandTable } from '../../../schema/turn-command-table.ts';
import type { CallboardV1ClientFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import type { Authorize } from '../access/authorize.ts';
import type { ClientLimits } from '../limits/client-limits.ts';

const rows: readonly CommandDescription[] = [
  ...Object.values(commandTable),
  ...Object.values(turnCommandTable),
];
const rowOfFrame: ReadonlyMap<string, CommandDescription> = new Map(
  rows.flatMap((row) => (row.frame === null ? [] : [[row.frame, row] as const])),
);

/** Why it may not, or `null`. Frames that give no command are judged where they are obeyed. */
export function frameRefusal(
  frame: CallboardV1ClientFrame,
  principal: Principal,
  {
    authorize,
    clientLimits,
  }: { readonly authorize: Authorize; readonly clientLimits: Pick<ClientLimits, 'commandRefusal'> },
): Refusal | null | Promise<Refusal | null> {
  const row = rowOfFrame.get(frame.event);
  if (row === undefined) return null;
  // The parts of an answer are bounded by their turn.
  const tooMany = row === turnCommandTable['turn.push'] ? null : clientLimits.commandRefusal(principal);
  if (tooMany !== null) return tooMany;
  if (!hasScope(principal, row.scope)) return missingScope(row.scope);
  const resource = resourceOf(frame);
  return row.action === null || resource === null
    ? null
    : authorize(principal, row.action, { ...resource, command: frame.event });
}

/** What a command is about. */
function resourceOf({ data }: CallboardV1ClientFrame): Parameters<Authorize>[2] | null {
  if (typeof data !== 'object' || data === null) return null;
  if ('sessionId' in data && typeof data.sessionId === 'string')
    return { kind: 'session', id: data.sessionId };
  return 'turnId' in data && typeof data.turnId === 'string' ? { kind: 'turn', id: data.turnId } : null;
}
