/** The messages that commands of clients are about. */
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { clientTraceOf, messageIdOf, type OrderKind } from './orders.ts';
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

/** A trace of clients has to begin before it can go on. */
export function begunFirst(world: World, session: SessionId, kind: OrderKind): OrderKind {
  const goesOn = kind === 'traceAppend' || kind === 'traceEnd';
  return goesOn && world.storage.tables.trace(clientTraceOf(session)) === undefined ? 'traceBegin' : kind;
}
