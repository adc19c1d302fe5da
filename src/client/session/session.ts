/** The handle of a session that an application uses. */
import type { ChatMessage, MessageRole } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { ModelOptions } from '../../../schema/model-options.ts';
import type { ToolDecision } from '../../../schema/tool-decision.ts';
import type { CancelledTurns } from '../../../schema/turn-record.ts';
import { CallboardError } from '../client-error.ts';
import type { LiveValue } from '../live-value.ts';
import type { Commands } from './commands.ts';
import type { SessionMessage } from './session-state.ts';
import type { SessionSnapshot, SessionView } from './session-view.ts';

export type SendOptions = {
  /** Default `user`; others of docs/protocol.md A2 are allowed. */
  readonly role?: MessageRole;
  readonly name?: string;
  readonly toolCallId?: string;
  /** The message's id; made when absent. Sending the same id again has no second effect. */
  readonly id?: string;
  /** Which model answers, and how; overrides the session's options. */
  readonly options?: ModelOptions;
  /** Stops waiting. A command that was already sent may still take effect. */
  readonly signal?: AbortSignal;
};

export type DecideOptions = {
  /** The reason given to the model when the call is denied. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
};

export type Session = {
  readonly id: string;
  /** Messages, oldest first, each with its content so far. A new array at each change. */
  readonly messages: LiveValue<readonly SessionMessage[]>;
  /** The whole state of the session: messages, title and status, the agent's activity, reasoning. */
  readonly snapshot: LiveValue<SessionSnapshot>;
  /** Resolves when the session has been read for the first time; rejects when it cannot be read. */
  readonly ready: () => Promise<void>;
  /**
   * Sends a message. Resolves with it when it is durable, however often the connection is lost meanwhile; rejects with
   * a `CallboardError` when the server refuses it for good. Messages of a session arrive in the order of these calls.
   */
  readonly send: (content: string, options?: SendOptions) => Promise<ChatMessage>;
  /** Stops the running answer and drops the queued ones, or only the answer to `messageId`. */
  readonly cancel: (options?: {
    readonly messageId?: string;
    readonly signal?: AbortSignal;
  }) => Promise<CancelledTurns>;
  /** Lets a waiting tool call run (`tool.call` with status `awaitingApproval`). Repeating it is harmless. */
  readonly approve: (callId: string, options?: DecideOptions) => Promise<ToolDecision>;
  /** Refuses to let a waiting tool call run. */
  readonly deny: (callId: string, options?: DecideOptions) => Promise<ToolDecision>;
  /** Closes this handle. The last handle of a session ends its subscription; commands under way go on. */
  readonly close: () => void;
};

export type SessionPort = {
  readonly id: SessionId;
  readonly view: Pick<SessionView, 'shown' | 'messages'>;
  readonly commands: Commands;
  readonly newId: () => string;
  readonly release: () => void;
};

export function sessionHandle({ id, view, commands, newId, release }: SessionPort): Session {
  const snapshot = view.shown.reader();
  const messages = view.messages.reader();
  const path = `/chat-sessions/${id}`;
  const decide =
    (word: 'approve' | 'deny'): Session['approve'] =>
    async (callId, { signal, ...body } = {}) => {
      const result = await commands.run({
        lane: id,
        frame: { event: `tool.${word}`, data: { sessionId: id, callId, ...body } },
        rest: { method: 'POST', path: `${path}/tool-calls/${callId}/${word}`, body },
        // Commands that are being retried may wait for the very answer that this decision unblocks.
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
      // Always goes over REST: sent again on another socket, it could cancel the turn of a later message; a REST
      // request has a key that makes it take effect once.
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
      snapshot.leave();
      messages.leave();
      release();
    },
  };
}
