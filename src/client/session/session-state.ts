/** The state of one session, as an immutable value. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { MessageId } from '../../../schema/ids.ts';

/** A message with its content and parts so far; `streaming` is true while its status is. */
export type SessionMessage = ChatMessage & { readonly streaming: boolean };

export type Reasoning = { readonly text: string; readonly ended: boolean };

export type SessionState = {
  /** `undefined` until it was read, and when there is no such session. Its `leafId` is the current branch. */
  readonly info: ChatSession | undefined;
  readonly activity: AgentState;
  readonly deleted: boolean;
  /** Every known message, of any branch, in no certain order. */
  readonly messages: readonly SessionMessage[];
  /** Where in `messages` those of the current branch are, in order; `undefined`: it must be found again. */
  readonly order: readonly number[] | undefined;
  /** A message that is not known only because it is too old: what stands on it is whole. */
  readonly floor: MessageId | undefined;
  /** Reasoning that was received live, of the newest messages that had any. */
  readonly reasoning: ReadonlyMap<MessageId, Reasoning>;
};

export const nothingKnown: SessionState = {
  info: undefined,
  activity: 'idle',
  deleted: false,
  messages: [],
  order: [],
  floor: undefined,
  reasoning: new Map(),
};

/** What REST returned: messages of the current branch, oldest first, then those that wait. */
export type Rest = {
  readonly session: ChatSession;
  readonly messages: readonly ChatMessage[];
  /** True: there are older ones, too many to be read. */
  readonly isCut: boolean;
};

export function stateFromRest({ session, messages, isCut }: Rest): SessionState {
  // The pages may have been read while messages changed their places: one may have come twice.
  const known = new Map(messages.map((message) => [message.id, shown(message)]));
  // The branch may have changed since the session was read.
  const leaf = messages.findLast(({ queueRank }) => queueRank === undefined);
  return endingAt(
    {
      ...nothingKnown,
      info: session,
      messages: [...known.values()],
      order: undefined,
      floor: isCut ? (messages[0]?.parentId ?? undefined) : undefined,
    },
    leaf?.id ?? (isCut ? session.leafId : undefined),
  );
}

export function shown(message: ChatMessage): SessionMessage {
  return { ...message, streaming: message.status === 'streaming' };
}

export function messageOf(state: SessionState, id: MessageId): SessionMessage | undefined {
  // Searches from the end: nearly always the newest message changes.
  return state.messages.findLast((message) => message.id === id);
}

/** Sets the current branch; `undefined`: no message has a place yet. */
export function endingAt(state: SessionState, leafId: MessageId | undefined): SessionState {
  if (state.info === undefined || state.info.leafId === leafId) return state;
  const { leafId: _, ...info } = state.info;
  return { ...state, info: leafId === undefined ? info : { ...info, leafId }, order: undefined };
}

/** Adds or replaces a message. */
export function withMessage(state: SessionState, message: SessionMessage): SessionState {
  const at = state.messages.findLastIndex(({ id }) => id === message.id);
  const known = state.messages[at];
  // Events from before there were trees tell no place.
  const next = known === undefined || isPlaced(message) ? message : placed(message, known);
  const messages = known === undefined ? [...state.messages, next] : state.messages.with(at, next);
  const isMoved = known?.parentId !== next.parentId || known?.queueRank !== next.queueRank;
  return { ...state, messages, order: isMoved ? undefined : state.order };
}

export function isPlaced({ parentId, queueRank }: ChatMessage): boolean {
  return parentId !== undefined || queueRank !== undefined;
}

function placed(message: SessionMessage, { parentId, queueRank }: ChatMessage): SessionMessage {
  return {
    ...message,
    ...(parentId === undefined ? {} : { parentId }),
    ...(queueRank === undefined ? {} : { queueRank }),
  };
}

/**
 * The state in which the message, which now takes its place, is the leaf if it stands behind the old one. An event will
 * say so, too; until then the message would be missing from the list.
 */
export function withNewLeaf(state: SessionState, { id, parentId }: ChatMessage): SessionState {
  const isNext = parentId !== undefined && parentId === (state.info?.leafId ?? null);
  return isNext ? endingAt(state, id) : state;
}

/** Without the message and all below it. If the leaf is among them, its branch ends before them. */
export function withoutMessage(state: SessionState, id: MessageId): SessionState {
  const gone = new Set([id]);
  let before = 0;
  while (gone.size > before) {
    before = gone.size;
    for (const { id: below, parentId } of state.messages) {
      if (parentId !== undefined && parentId !== null && gone.has(parentId)) gone.add(below);
    }
  }
  const leafId = state.info?.leafId;
  const messages = state.messages.filter((message) => !gone.has(message.id));
  const changed = { ...state, messages, order: undefined };
  return leafId !== undefined && gone.has(leafId)
    ? endingAt(changed, messageOf(state, id)?.parentId ?? undefined)
    : changed;
}
