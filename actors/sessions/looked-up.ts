/** Adds to a command what is stored of its subject: the machines know only what runs and what waits. */
import {
  type DecisionCommand,
  isDecision,
  isMessageCommand,
  isParticipantCommand,
  type MessageCommand,
  type ParticipantCommand,
} from '../../schema/command-table.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import type { ModelOptions } from '../../schema/model-options.ts';
import { accepted, type Outcome, refused } from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';
import { type AttachedFiles, hasFiles } from './attached-files.ts';

export type LookupPorts = { readonly readModel: ReadModel; readonly attached: AttachedFiles };

export function needsLookup(command: SessionCommand): boolean {
  if (isDecision(command) || isMessageCommand(command) || isParticipantCommand(command)) return true;
  return command.type === 'message.add' && hasFiles(command.message.marks);
}

/**
 * Refused when the command names a file that its giver does not see, or one that the model would not take (SPEC [FIL30],
 * [FIL31]). Call it only when everything before the command is durable. Rejects when the read model does.
 */
export async function lookedUp(
  ports: LookupPorts,
  session: SessionId,
  command: SessionCommand,
): Promise<Outcome<SessionCommand>> {
  if (isDecision(command)) return accepted(await withStoredCall(ports, session, command));
  if (isParticipantCommand(command)) return accepted(await withStoredParticipants(ports, session, command));
  if (command.type === 'message.add') {
    const { message, turn, options, sees } = command;
    const asked = turn === undefined ? null : options;
    const known = await fittingMarks(ports, session, { marks: message.marks, sees }, asked);
    return known.ok ? accepted({ ...command, message: { ...message, marks: known.value } }) : known;
  }
  if (!isMessageCommand(command)) return accepted(command);
  const placed = await withStoredPlace(ports, session, command);
  switch (placed.type) {
    case 'message.edit': {
      const known = await fittingMarks(ports, session, placed, placed.options);
      return known.ok ? accepted({ ...placed, marks: known.value }) : known;
    }
    case 'message.regenerate': {
      const asked = placed.stored?.prompt?.marks ?? [];
      const unfit = await ports.attached.unfit(session, asked, placed.options ?? {});
      return unfit === null ? accepted(placed) : refused(unfit);
    }
    default:
      return accepted(placed);
  }
}

/** `options`: those of the answer; `null`: none is asked for. */
async function fittingMarks(
  { attached }: LookupPorts,
  session: SessionId,
  { marks = [], sees }: Pick<Extract<SessionCommand, { type: 'message.edit' }>, 'marks' | 'sees'>,
  options: ModelOptions | null | undefined,
): Promise<Outcome<readonly MessageMark[]>> {
  const known = await attached.known(marks, sees);
  if (!known.ok || options === null) return known;
  const unfit = await attached.unfit(session, known.value, options ?? {});
  return unfit === null ? known : refused(unfit);
}

async function withStoredCall(
  { readModel }: LookupPorts,
  session: SessionId,
  command: DecisionCommand,
): Promise<DecisionCommand> {
  const call = await readModel.toolCall(command.callId);
  if (call === undefined || call.sessionId !== session) return command;
  const { id, status, approval } = call;
  return { ...command, stored: { id, awaits: status === 'awaitingApproval', approval } };
}

async function withStoredParticipants(
  { readModel }: LookupPorts,
  session: SessionId,
  command: ParticipantCommand,
): Promise<ParticipantCommand> {
  const all = await readModel.participants(session);
  const sought = command.type === 'participant.add' ? command.participant.id : command.id;
  const stored = {
    participant: all.find(({ id }) => id === sought) ?? null,
    count: all.length,
    owners: all.filter(({ role }) => role === 'owner').length,
  };
  return { ...command, stored };
}

async function withStoredPlace(
  { readModel }: LookupPorts,
  session: SessionId,
  command: MessageCommand,
): Promise<MessageCommand> {
  const place = await readModel.place(session, command.messageId);
  return place === undefined ? command : { ...command, stored: place };
}
