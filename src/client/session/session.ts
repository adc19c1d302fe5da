/** A session, as an application uses it. */
import type { ChatMessage, MessageRole } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { ModelOptions } from '../../../schema/model-options.ts';
import type { ToolDecision } from '../../../schema/tool-decision.ts';
import type { CancelledTurns } from '../../../schema/turn-record.ts';
import { CallboardError } from '../client-error.ts';
import type { LiveCell, LiveValue } from '../live-value.ts';
import type { Commands } from './commands.ts';
import type { SessionMessage } from './session-state.ts';
import type { SessionSnapshot } from './session-view.ts';

export type SendOptions = {
  /** Default `user`; others of protocol A2 are allowed. */
  readonly role?: MessageRole;
  readonly name?: string;
  readonly toolCallId?: string;
  /** Names the message; made when absent. The same id sent again has no second effect. */
  readonly id?: string;
  /** Which model answers, and how; over those of the session. */
  readonly options?: ModelOptions;
  /** Gives up waiting. What was sent may still take effect. */
  readonly signal?: AbortSignal;
};

export type DecideOptions = {
  /** Told to the model when the call is denied. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
};

export type Session = {
  readonly id: string;
  /** Messages, oldest first, each with the content that it has so far. A new array at each change. */
  readonly messages: LiveValue<readonly SessionMessage[]>;
  /** Everything known of the session: messages, title and status, the agent's activity, reasoning. */
  readonly snapshot: LiveValue<SessionSnapshot>;
  /** Resolves when the session has been read for the first time; rejects when it cannot be. */
  readonly ready: () => Promise<void>;
  /**
   * Sends a message. Resolves with it when it is durable, however often the connection is lost meanwhile; rejects with
   * a `CallboardError` when the server refuses it for good. Messages of a session arrive in the order of these calls.
   */
  readonly send: (content: string, options?: SendOptions) => Promise<ChatMessage>;
  /** Stops the running answer and drops those that wait, or only the one to `messageId`. */
  readonly cancel: (options?: {
    readonly messageId?: string;
    readonly signal?: AbortSignal;
  }) => Promise<CancelledTurns>;
  /** Lets a tool call run that waits for a person (`tool.call` with status `awaitingApproval`). Harmless again. */
  readonly approve: (callId: string, options?: DecideOptions) => Promise<ToolDecision>;
  /** Does not let it run. */
  readonly deny: (callId: string, options?: DecideOptions) => Promise<ToolDecision>;
  /** Lets go of it. The last handle of a session ends its subscription; commands under way go on. */
  readonly close: () => void;
};

export type SessionPort = {
  readonly id: SessionId;
  readonly shown: LiveCell<SessionSnapshot>;
  readonly commands: Commands;
  readonly newId: () => string;
  readonly release: () => void;
};

export function sessionHandle({ id, shown, commands, newId, release }: SessionPort): Session {
  const { part: snapshot, end: endSnapshot } = shown.derived((value) => value);
  const { part: messages, end: endMessages } = shown.derived((value) => value.messages);
  const path = `/chat-sessions/${id}`;
  const decide =
    (word: 'approve' | 'deny'): Session['approve'] =>
    async (callId, { signal, ...body } = {}) => {
      const result = await commands.run({
        lane: id,
        frame: { event: `tool.${word}`, data: { sessionId: id, callId, ...body } },
        rest: { method: 'POST', path: `${path}/tool-calls/${callId}/${word}`, body },
        // The answer that it holds up may be what those before it wait for.
        urgent: true,
        signal,
      });
      return result as ToolDecision;
    };
  return {
    id,
    messages,
    snapshot,
    ready: async () => {
      for await (const { status, error } of snapshot) {
        if (status === 'current') return;
        if (error !== undefined) throw error;
        if (status === 'deleted') throw new CallboardError('not_found', `Chat session ${id} was deleted`);
      }
      throw new CallboardError('closed', 'The session was closed');
    },
    send: async (content, { signal, id: messageId = newId(), ...rest } = {}) => {
      const message = { id: messageId, content, ...rest };
      const result = await commands.run({
        lane: id,
        frame: { event: 'message.send', data: { sessionId: id, message } },
        rest: { method: 'POST', path: `${path}/messages`, body: message, key: messageId },
        signal,
      });
      return result as ChatMessage;
    },
    cancel: async ({ messageId, signal } = {}) => {
      // Over REST alone: sent again on another socket it could stop the turn of a later message, but its key is known.
      const body: { readonly messageId?: MessageId } =
        messageId === undefined ? {} : { messageId: messageId as MessageId };
      const result = await commands.run({
        lane: id,
        rest: { method: 'POST', path: `${path}/cancel`, body, key: newId() },
        urgent: true,
        signal,
      });
      return result as CancelledTurns;
    },
    approve: decide('approve'),
    deny: decide('deny'),
    close: () => {
      endSnapshot();
      endMessages();
      release();
    },
  };
}
