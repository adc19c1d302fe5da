/** The handle of a session that an application uses. */
import type { ChatMessage, MessageRole } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { GivenPart, QueuePolicy } from '../../../schema/create-message.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { ModelOptions } from '../../../schema/model-options.ts';
import type { ToolDecision } from '../../../schema/tool-decision.ts';
import type { CancelledTurns, TurnIdentity } from '../../../schema/turn-record.ts';
import { CallboardError } from '../client-error.ts';
import type { LiveValue } from '../live-value.ts';
import type { Commands } from './commands.ts';
import type { RestRequest } from './rest.ts';
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
  /**
   * If the agent is answering: `queue` (the default): the message waits. `replace`: what runs and what waits is
   * cancelled. `reject`: it is refused `conflict`.
   */
  readonly queue?: QueuePolicy;
  /** Stops waiting. A command that was already sent may still take effect. */
  readonly signal?: AbortSignal;
};

/** What a message says: text, or parts (texts, files, sources, data), which may be longer. */
export type Saying = string | readonly GivenPart[];

export type CommandOptions = {
  /** Stops waiting. A command that was already sent may still take effect. */
  readonly signal?: AbortSignal | undefined;
};

export type AskOptions = CommandOptions & {
  /** Which model answers, and how; overrides the session's options. */
  readonly options?: ModelOptions;
};

export type DecideOptions = {
  /** The reason given to the model when the call is denied. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
};

export type Session = {
  readonly id: string;
  /** Those of the current branch, oldest first, each with its text so far, then those that wait. A new array at each change. */
  readonly messages: LiveValue<readonly SessionMessage[]>;
  /** The whole state of the session: messages, title and status, the agent's activity, reasoning. */
  readonly snapshot: LiveValue<SessionSnapshot>;
  /** Resolves when the session has been read for the first time; rejects when it cannot be read. */
  readonly ready: () => Promise<void>;
  /**
   * Sends a message. Resolves with it when it is durable, however often the connection is lost meanwhile; rejects with
   * a `CallboardError` when the server refuses it for good. Messages of a session arrive in the order of these calls.
   */
  readonly send: (said: Saying, options?: SendOptions) => Promise<ChatMessage>;
  /**
   * Has a question answered again, beside its old answers: `messageId` is the question, or one of its answers. With
   * `continue`, an answer that was cut off goes on instead. Resolves with the id of the answer that is to come.
   */
  readonly regenerate: (
    messageId: string,
    options?: AskOptions & { readonly continue?: boolean },
  ) => Promise<TurnIdentity>;
  /** Asks another version of a question, beside the old one; changes a message that waits. Resolves with it. */
  readonly edit: (messageId: string, said: Saying, options?: AskOptions) => Promise<ChatMessage>;
  /** Deletes a message with all below it, or one that waits. */
  readonly deleteMessage: (messageId: string, options?: CommandOptions) => Promise<void>;
  /** Makes the branch of a message the current one, for everybody; of a message in the middle, the newest one. */
  readonly selectBranch: (messageId: string, options?: CommandOptions) => Promise<ChatSession>;
  /** Cancels what runs, and begins with this message, which waits. */
  readonly sendNow: (messageId: string, options?: CommandOptions) => Promise<ChatMessage>;
  /** Gives a message that waits to the model before its next call, instead of after the answer. */
  readonly steer: (messageId: string, options?: CommandOptions) => Promise<ChatMessage>;
  /** Copies the conversation up to a message into a new session. */
  readonly fork: (
    messageId: string,
    options?: CommandOptions & { readonly title?: string },
  ) => Promise<ChatSession>;
  /** Stops the running answer and drops the queued ones, or only the answer to `messageId`; the others wait on. */
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

function saying(said: Saying): object {
  return typeof said === 'string' ? { content: said } : { parts: said };
}

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
  /**
   * Always goes over REST: a frame that is sent again on another socket could take effect twice; a REST request has a
   * key that makes it take effect once.
   */
  const order = <Result>(
    method: RestRequest['method'],
    subpath: string,
    { signal, ...body }: CommandOptions & { readonly [key: string]: unknown } = {},
    urgent = false,
  ) =>
    commands.run({
      lane: id,
      rest: { method, path: path + subpath, key: newId(), ...(method === 'DELETE' ? {} : { body }) },
      urgent,
      signal,
    }) as Promise<Result>;
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
    send: async (said, { signal, id: messageId = newId(), ...rest } = {}) => {
      const message = { id: messageId, ...saying(said), ...rest };
      const result = await commands.run({
        lane: id,
        frame: { event: 'message.send', data: { sessionId: id, message } },
        rest: { method: 'POST', path: `${path}/messages`, body: message, key: messageId },
        signal,
      });
      return result as ChatMessage;
    },
    regenerate: (messageId, options) => order('POST', `/messages/${messageId}/regenerate`, options),
    edit: (messageId, said, options) =>
      order('PATCH', `/messages/${messageId}`, { ...saying(said), ...options }),
    // What makes room in the queue may overtake messages that wait for it.
    deleteMessage: async (messageId, options) => {
      await order('DELETE', `/messages/${messageId}`, options, true);
    },
    selectBranch: (leafId, options) => order('PUT', '/branch', { leafId, ...options }),
    sendNow: (messageId, options) => order('POST', `/messages/${messageId}/send-now`, options, true),
    steer: (messageId, options) => order('POST', `/messages/${messageId}/steer`, options, true),
    fork: (messageId, options) => order('POST', '/fork', { messageId, ...options }),
    cancel: (options) => order('POST', '/cancel', options, true),
    approve: decide('approve'),
    deny: decide('deny'),
    close: () => {
      snapshot.leave();
      messages.leave();
      release();
    },
  };
}
