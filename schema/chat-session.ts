/** A chat session as sent to clients, and the bodies that create and change one (docs/protocol.md A2). */
import { z } from 'zod';
import { messageIdSchema, type SessionId, sessionIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { type ModelOptions, modelOptionsSchema, updateModelOptionsSchema } from './model-options.ts';
import { boundedText } from './validation.ts';

export const sessionStatuses = ['active', 'archived'] as const;

/** The session for baseline sockets. */
export const baselineSessionSchema = z
  .object({
    id: sessionIdSchema,
    title: z.string(),
    description: z.string().exactOptional(),
    status: z.enum(sessionStatuses),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'BaselineChatSession' });
export type BaselineSession = z.infer<typeof baselineSessionSchema>;

export const chatSessionSchema = baselineSessionSchema
  .extend({
    /** Options of model calls in this session; absent: the server's config applies. */
    options: modelOptionsSchema.exactOptional(),
    /** The last message of the current branch; absent: the session has no messages, or all of them wait. */
    leafId: messageIdSchema.exactOptional(),
    /** Present while a model is to name the session after its first answer; gone once it has, or a person has. */
    autoTitle: z.literal(true).exactOptional(),
    /** Present while the session is closed: since when it takes no messages. */
    closedAt: z.iso.datetime().exactOptional(),
    /** Present on a copy: where its messages come from. That session may be gone. */
    forkedFrom: z.object({ sessionId: sessionIdSchema, messageId: messageIdSchema }).exactOptional(),
  })
  .meta({ id: 'ChatSession' });
export type ChatSession = z.infer<typeof chatSessionSchema>;

/** The session for baseline sockets, key by key as it always was. */
export function baselineSession(session: ChatSession): BaselineSession {
  const { id, title, description, status, createdAt, updatedAt } = session;
  return {
    id,
    title,
    ...(description === undefined ? {} : { description }),
    status,
    createdAt,
    updatedAt,
  };
}

const title = boundedText({ charactersMin: 1, charactersMax: limits.titleCharactersMax });
const description = boundedText({ charactersMax: limits.descriptionCharactersMax });

export const createChatSessionSchema = z
  .object({
    title,
    description: description.nullish().transform((value) => value ?? undefined),
    options: modelOptionsSchema.nullish().transform((value) => value ?? undefined),
    /** True: a model gives it another title after the first answer. */
    autoTitle: z.boolean().optional(),
  })
  .meta({ id: 'CreateChatSession' });

export type CreateChatSession = {
  readonly title: string;
  readonly description?: string | undefined;
  readonly options?: ModelOptions | undefined;
  readonly autoTitle?: boolean | undefined;
};

/**
 * `null` clears a key, an absent key keeps its value (docs/protocol.md B9), in `options` too. `{}` is legal and
 * advances `updatedAt`.
 */
export const updateChatSessionSchema = z
  .object({
    title: title.optional(),
    description: description.nullable().optional(),
    options: updateModelOptionsSchema.nullable().optional(),
  })
  .meta({ id: 'UpdateChatSession' });

export type UpdateChatSession = z.infer<typeof updateChatSessionSchema>;

/** Data of `session.deleted`. */
export const deletedSessionSchema = z.object({ id: sessionIdSchema }).meta({ id: 'DeletedSession' });
export type DeletedSession = { readonly id: SessionId };

/** Data of `branch.selected`: another branch of the session is the current one; `null`: no message is left. */
export const selectedBranchSchema = z
  .object({ sessionId: sessionIdSchema, leafId: messageIdSchema.nullable() })
  .meta({ id: 'SelectedBranch' });

/** Data of `message.deleted`: the message is gone, with all messages below it. */
export const deletedMessageSchema = z
  .object({ sessionId: sessionIdSchema, id: messageIdSchema })
  .meta({ id: 'DeletedMessage' });
