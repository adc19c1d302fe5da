/** What commands read before they are passed on; a store that does not answer is a refusal. */
import type { MessageId, SessionId, TurnId } from '../../schema/ids.ts';
import {
  accepted,
  messageNotFound,
  type Outcome,
  refused,
  sessionNotFound,
  turnNotFound,
} from '../../schema/refusal.ts';
import type { ReadModel } from '../ports.ts';
import type { StoredTurn } from '../stored-rows.ts';
import { unreadable } from './server-commands.ts';

export async function copyForCommand(readModel: ReadModel, sessionId: SessionId, messageId: MessageId) {
  try {
    const session = await readModel.session(sessionId);
    if (session === undefined) return refused(sessionNotFound(sessionId));
    const conversation = await readModel.copyOf(sessionId, messageId);
    return conversation === undefined
      ? refused(messageNotFound(messageId))
      : accepted({ session, conversation });
  } catch {
    return refused(unreadable);
  }
}

export async function readable<Value>(read: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return accepted(await read());
  } catch {
    return refused(unreadable);
  }
}

export async function accessForCommand(readModel: ReadModel, id: SessionId) {
  try {
    const access = await readModel.sessionAccess(id);
    return access === undefined ? refused(sessionNotFound(id)) : accepted(access);
  } catch {
    return refused(unreadable);
  }
}

export async function turnForCommand(readModel: ReadModel, id: TurnId): Promise<Outcome<StoredTurn>> {
  try {
    const turn = await readModel.turn(id);
    return turn === undefined ? refused(turnNotFound(id)) : accepted(turn);
  } catch {
    return refused(unreadable);
  }
}
