/** The state of one session, as an immutable value. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { MessageId } from '../../../schema/ids.ts';

/** A message with its content so far; `streaming` is true while more of it is being written. */
export type SessionMessage = ChatMessage & { readonly streaming: boolean };

export type MessageEntry = {
  readonly message: SessionMessage;
  /**
   * Its place among the messages: those listed by REST have negative ranks, in the order of the list; then by the
   * `seq` of `message.created`; a message known only from a snapshot comes last.
   */
  readonly rank: number;
  /** True once `message.updated` came: no text follows. */
  readonly ended: boolean;
};

export type Reasoning = { readonly text: string; readonly ended: boolean };

export type SessionState = {
  /** `undefined` until it was read, and when there is no such session. */
  readonly info: ChatSession | undefined;
  readonly activity: AgentState;
  readonly deleted: boolean;
  /** Ordered by rank. */
  readonly entries: readonly MessageEntry[];
  /** The reasoning of the newest messages that had any; REST does not return it. */
  readonly reasoning: ReadonlyMap<MessageId, Reasoning>;
};

export const nothingKnown: SessionState = {
  info: undefined,
  activity: 'idle',
  deleted: false,
  entries: [],
  reasoning: new Map(),
};

export const rankOfSnapshot = Number.POSITIVE_INFINITY;

/** The state that REST returned, oldest message first. */
export function stateFromRest(info: ChatSession, messages: readonly ChatMessage[]): SessionState {
  return {
    ...nothingKnown,
    info,
    entries: messages.map((message, index) => ({
      message: { ...message, streaming: false },
      rank: index - messages.length,
      ended: false,
    })),
  };
}

/** Replaces the entry of the same message, or inserts it where its rank belongs. */
export function withEntry(state: SessionState, entry: MessageEntry): SessionState {
  const at = state.entries.findLastIndex(({ message }) => message.id === entry.message.id);
  if (state.entries[at]?.rank === entry.rank) return { ...state, entries: state.entries.with(at, entry) };
  const others = at < 0 ? state.entries : state.entries.toSpliced(at, 1);
  const before = others.findLastIndex(({ rank }) => rank <= entry.rank);
  return { ...state, entries: others.toSpliced(before + 1, 0, entry) };
}

export function messageEntryOf(state: SessionState, id: MessageId): MessageEntry | undefined {
  // Searches from the end: nearly always the newest message changes.
  return state.entries.findLast(({ message }) => message.id === id);
}

/** Drops all but the newest `messagesMax` messages. */
export function withoutOldest(state: SessionState, messagesMax: number): SessionState {
  const surplus = state.entries.length - messagesMax;
  return surplus > 0 ? { ...state, entries: state.entries.slice(surplus) } : state;
}
