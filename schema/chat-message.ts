/** A message as sent to clients, and the body that adds one (docs/protocol.md A2). */
import { z } from 'zod';
import { messageIdSchema, sessionIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { modelOptionsSchema } from './model-options.ts';
import { earlyFinishReasons } from './model-usage.ts';
import { boundedText } from './validation.ts';

export const messageRoles = ['user', 'assistant', 'system', 'developer', 'tool'] as const;
export type MessageRole = (typeof messageRoles)[number];

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

export const chatMessageSchema = baselineMessageSchema
  .extend({
    /** Present on an answer that ended early: it was cut off, or filtered. */
    finishReason: z.enum(earlyFinishReasons).exactOptional(),
  })
  .meta({ id: 'ChatMessage' });

export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** The message for baseline sockets, key by key as it always was. */
export function baselineMessage(message: ChatMessage): z.infer<typeof baselineMessageSchema> {
  if (message.finishReason === undefined) return message;
  const { finishReason: _, ...rest } = message;
  return rest;
}

const label = boundedText({ charactersMax: limits.labelCharactersMax })
  .nullish()
  .transform((value) => value ?? undefined);

/** Body of `POST /chat-sessions/:id/messages` and `data.message` of `message.send`. */
export const createChatMessageSchema = z
  .object({
    /** Made by the client, so that sending again has no second effect (I10); made by the server when absent. */
    id: messageIdSchema.optional(),
    role: z.enum(messageRoles).default('user'),
    content: boundedText({ charactersMin: 1, charactersMax: limits.contentCharactersMax }),
    toolCallId: label,
    name: label,
    /** Options of the model call for this one answer; they override the session's. Not part of the message. */
    options: modelOptionsSchema.optional(),
  })
  .meta({ id: 'CreateChatMessage' });

export type CreateChatMessage = z.infer<typeof createChatMessageSchema>;

/** Messages of these roles start the engine; `assistant` and `tool` are only stored (docs/protocol.md A4). */
export function startsTurn(role: MessageRole): boolean {
  return role === 'user' || role === 'system' || role === 'developer';
}
