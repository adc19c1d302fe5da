/** Recognises a repeated command by the name that its client gave it (I10). */
import { type MessageFact, shownMessage } from '../../schema/chat-message.ts';
import type { Idempotency, SessionCommand } from '../../schema/commands.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';

type AddMessage = Extract<SessionCommand, { type: 'message.add' }>;

/** Whether the command may be a repetition, judging by its name. */
export function isNamed(command: SessionCommand): boolean {
  return command.idempotency !== undefined || (command.type === 'message.add' && command.clientMadeId);
}

/**
 * The earlier answer of the command; a refusal when its name was used for another command; `null` when it is new.
 * Call it only when everything before the command is durable. Rejects when the read model does.
 */
export async function earlierOutcome(
  readModel: ReadModel,
  session: SessionId,
  command: SessionCommand,
): Promise<Outcome<unknown> | null> {
  if (command.idempotency !== undefined) {
    const outcome = await outcomeOfKey(readModel, command.idempotency);
    if (outcome !== null) return outcome;
  }
  if (command.type !== 'message.add' || !command.clientMadeId) return null;
  const stored = await readModel.message(session, command.message.id);
  if (stored === undefined) {
    const isDeleted = await readModel.isDeletedMessage(session, command.message.id);
    return isDeleted
      ? refused(refusal('conflict', `Message ${command.message.id} was sent before, and deleted`))
      : null;
  }
  return isSameMessage(stored, command)
    ? accepted(shownMessage(stored))
    : refused(messageConflict(stored.id));
}

/** Like `earlierOutcome`, for a key alone. */
export async function outcomeOfKey(
  readModel: Pick<ReadModel, 'completedCommand'>,
  { key, fingerprint }: Idempotency,
): Promise<Outcome<unknown> | null> {
  const stored = await readModel.completedCommand(key);
  if (stored === undefined) return null;
  return stored.fingerprint === fingerprint ? accepted(stored.result) : refused(keyConflict);
}

/** It is not known yet whether the command took effect. */
export const unconfirmed = refusal(
  'unavailable',
  'The database did not confirm in time; the command may still take effect: repeat it with the same id',
);

export const keyConflict = refusal('conflict', 'The Idempotency-Key was used for another request');

export function messageConflict(id: MessageId) {
  return refusal('conflict', `Message id ${id} was used for another message`);
}

function isSameMessage(stored: MessageFact, { message }: AddMessage): boolean {
  return (
    stored.role === message.role &&
    // What it said at first is not known any more.
    (stored.edited === true || stored.content === message.content) &&
    (stored.edited === true || sameMarks(stored.marks, message.marks)) &&
    stored.toolCallId === message.toolCallId &&
    stored.name === message.name
  );
}

/** Of a file, a client gives the id alone. */
function asGiven({ offset, part }: MessageMark): unknown {
  return part?.type === 'file' ? { offset, fileId: part.fileId } : { offset, part };
}

function sameMarks(one: MessageFact['marks'] = [], other: AddMessage['message']['marks'] = []): boolean {
  return JSON.stringify(one.map(asGiven)) === JSON.stringify(other.map(asGiven));
}
