/**
 * A message: as actors emit it and the store keeps it, as clients see it, and as baseline sockets see it
 * (docs/protocol.md A2).
 */
import { z } from 'zod';
import { messageIdSchema, sessionIdSchema } from './ids.ts';
import { messageAuthorSchema } from './message-author.ts';
import { type MessageMark, messageMarkSchema, messagePartSchema, partsOf } from './message-part.ts';
import { finishReasons, modelUsageSchema } from './model-usage.ts';

export const messageRoles = ['user', 'assistant', 'system', 'developer', 'tool'] as const;
export type MessageRole = (typeof messageRoles)[number];

/**
 * `streaming`: its answer is being given. `cut-off`: the model was stopped by a limit or a filter. `interrupted`: the
 * process died. `failed`: the engine could not answer, or not to the end. Every message that is no answer is
 * `complete`.
 */
export const messageStatuses = [
  'streaming',
  'complete',
  'cut-off',
  'cancelled',
  'interrupted',
  'failed',
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** What baseline clients show when the engine cannot answer (docs/protocol.md A4). */
export const failureText = 'Engine failed to respond. Check server logs for details.';

/** The message for baseline sockets. */
export const baselineMessageSchema = z
  .object({
    id: messageIdSchema,
    sessionId: sessionIdSchema,
    role: z.enum(messageRoles),
    content: z.string(),
    createdAt: z.iso.datetime(),
    toolCallId: z.string().exactOptional(),
    name: z.string().exactOptional(),
  })
  .meta({ id: 'BaselineChatMessage' });
export type BaselineMessage = z.infer<typeof baselineMessageSchema>;

const added = {
  /**
   * Who sent it; of an answer, for whom the agent speaks that pushed it. Absent: a model of the server gave it, or it is
   * not known who sent it.
   */
  author: messageAuthorSchema.exactOptional(),
  /**
   * The message before it in the tree; `null`: it begins a conversation. Absent while it waits. (In events from before
   * there were trees it is absent, too.)
   */
  parentId: messageIdSchema.nullable().exactOptional(),
  /** Present while the message waits for its turn; the least is next. */
  queueRank: z.int().exactOptional(),
  /** Present on a message that was changed while it waited. */
  edited: z.literal(true).exactOptional(),
  /** Present on an answer: the message that it answers. */
  promptId: messageIdSchema.exactOptional(),
  /** Why the last model call of an answer ended, if it did. */
  finishReason: z.enum(finishReasons).exactOptional(),
  /** The model that answered, as its provider names it. */
  model: z.string().exactOptional(),
  /** Tokens of all model calls of an answer. */
  usage: modelUsageSchema.exactOptional(),
} as const;

/** What actors emit, and the journal and the read model keep. `content` is what was truly said. */
export const messageFactSchema = baselineMessageSchema
  .extend({
    ...added,
    /** Absent: `complete`. */
    status: z.enum(messageStatuses).exactOptional(),
    /** Its parts that are no text, and where text parts meet. */
    marks: z.array(messageMarkSchema).exactOptional(),
  })
  .meta({ id: 'MessageFact' });
export type MessageFact = z.infer<typeof messageFactSchema>;

/** The message as REST and `callboard.v1` show it. */
export const chatMessageSchema = baselineMessageSchema
  .extend({ ...added, status: z.enum(messageStatuses), parts: z.array(messagePartSchema) })
  .meta({ id: 'ChatMessage' });
export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** `content` of a failed answer that said nothing is {@link failureText}, so that baseline clients can read it. */
export function shownMessage({ marks, status = 'complete', ...fact }: MessageFact): ChatMessage {
  return {
    ...fact,
    content: shownContent(status, fact.content),
    status,
    parts: [...partsOf(fact.content, marks ?? [])],
  };
}

/** The message for baseline sockets, key by key as it always was. */
export function baselineMessage(fact: Omit<MessageFact, 'marks'>): BaselineMessage {
  const { id, sessionId, role, content, createdAt, toolCallId, name } = fact;
  return {
    id,
    sessionId,
    role,
    content: shownContent(fact.status, content),
    createdAt,
    ...(toolCallId === undefined ? {} : { toolCallId }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Whether the message is an answer. In events from before there were trees, only answers were updated. */
export function isAnswer(fact: Pick<MessageFact, 'promptId' | 'parentId' | 'queueRank'>): boolean {
  return fact.promptId !== undefined || (fact.parentId === undefined && fact.queueRank === undefined);
}

function shownContent(status: MessageStatus | undefined, content: string): string {
  return status === 'failed' && content === '' ? failureText : content;
}

/** A message that nobody streams. */
export type MessageText = { readonly content: string; readonly marks?: readonly MessageMark[] | undefined };

/** Messages of these roles start the engine; `assistant` and `tool` are only stored (docs/protocol.md A4). */
export function startsTurn(role: MessageRole): boolean {
  return role === 'user' || role === 'system' || role === 'developer';
}
