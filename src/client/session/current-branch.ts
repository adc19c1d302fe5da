/** The list of messages that a session shows: those of its current branch, then those that wait. */
import type { MessageId } from '../../../schema/ids.ts';
import type { SessionState } from './session-state.ts';

/** A state whose list is known. */
export type ListedState = SessionState & { readonly order: readonly number[] };

/**
 * Finds the list, beginning at its end: back from the leaf to the first message, or the newest `messagesMax`.
 * `undefined`: messages of the branch are not known, so the list would be wrong.
 *
 * Messages that are not listed are forgotten when they are too many, but for those that stream or wait: what is to
 * come of them continues what is known.
 */
export function listed(state: SessionState, messagesMax: number): ListedState | undefined {
  const { order, messages, info, floor } = state;
  if (order !== undefined) return { ...state, order };
  const places = new Map(messages.map(({ id }, at) => [id, at]));
  const rankAt = (at: number) => messages[at]?.queueRank;
  const waiting = [...messages.keys()]
    .filter((at) => rankAt(at) !== undefined)
    .sort((one, other) => (rankAt(one) ?? 0) - (rankAt(other) ?? 0))
    .slice(-messagesMax);
  const path: number[] = [];
  let next: MessageId | null | undefined = info?.leafId ?? null;
  while (next && path.length + waiting.length < messagesMax) {
    const at = places.get(next);
    if (at === undefined) {
      if (next === floor && path.length > 0) break;
      return undefined;
    }
    path.push(at);
    next = messages[at]?.parentId;
  }
  if (next === undefined) return undefined;
  const found = [...path.reverse(), ...waiting];
  return messages.length > 2 * messagesMax ? forgotten(state, found) : { ...state, order: found };
}

function forgotten(state: SessionState, order: readonly number[]): ListedState {
  const kept = order.flatMap((at) => state.messages[at] ?? []);
  const isKept = new Set(kept);
  const open = state.messages.filter(
    (message) => (message.streaming || message.queueRank !== undefined) && !isKept.has(message),
  );
  return {
    ...state,
    messages: [...kept, ...open],
    order: [...kept.keys()],
    floor: kept[0]?.parentId ?? state.floor,
  };
}

/** The messages of the list; those of `before`, the same array, if nothing in it changed. */
export function listedMessages(
  { messages, order }: ListedState,
  before: readonly SessionState['messages'][number][],
): readonly SessionState['messages'][number][] {
  const now = order.flatMap((at) => messages[at] ?? []);
  return now.length === before.length && now.every((message, at) => message === before[at]) ? before : now;
}
