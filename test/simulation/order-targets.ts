/** The messages that commands of clients are about. */
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { addsMessage, clientTraceOf, messageIdOf, type OrderKind } from './orders.ts';
import { chosen } from './step-kinds.ts';
import type { World } from './world.ts';

/** A message that is stored, of any branch, waiting or not; counted from the newest. */
export function targetOf(world: World, session: SessionId | null, pick: number): MessageId | undefined {
  if (session === null) return undefined;
  return chosen(world.storage.tables.messages(session).toReversed(), pick)?.id;
}

/**
 * An id for a new message, for two in three: that of a message of another session, question or answer, there or gone. Not
 * one that this session has had.
 */
export function idUsedElsewhere(world: World, session: SessionId | null): MessageId | undefined {
  const pick = world.orders.length;
  if (session === null || pick % 3 === 0) return undefined;
  const { tables } = world.storage;
  const own = world.orders.filter((one) => one.session === session).map(messageIdOf);
  const others = [
    ...world.sessions.flatMap((id) =>
      id === session ? [] : tables.messages(id).map((message) => message.id),
    ),
    ...world.orders.flatMap((one) => (addsMessage(one.kind) ? (messageIdOf(one) ?? []) : [])),
  ];
  const free = others.filter(
    (id) =>
      !own.includes(id) && tables.message(session, id) === undefined && !tables.isDeletedMessage(session, id),
  );
  return chosen(free, pick);
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
