/** The messages that commands of clients are about. */
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { messageIdOf } from './orders.ts';
import { chosen } from './scenario.ts';
import type { World } from './world.ts';

/** A message that is stored, of any branch, waiting or not; counted from the newest. */
export function targetOf(world: World, session: SessionId | null, pick: number): MessageId | undefined {
  if (session === null) return undefined;
  return chosen(world.storage.tables.messages(session).toReversed(), pick)?.id;
}

/** The message that was last sent under a name, so that its id is known. */
export function newestPrompt(world: World, session: SessionId | null): MessageId | undefined {
  const prompt = world.orders.findLast((one) => one.kind === 'ask' && one.named && one.session === session);
  return prompt === undefined ? undefined : messageIdOf(prompt);
}
