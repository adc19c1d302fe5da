/** The bodies that add and change messages. */
import { z } from 'zod';
import { messageRoles } from './chat-message.ts';
import { fileIdSchema, messageIdSchema } from './ids.ts';
import { isJsonValue, type JsonValue } from './json-value.ts';
import { limits } from './limits.ts';
import { textPartSchema } from './message-part.ts';
import { modelOptionsSchema } from './model-options.ts';
import { boundedText } from './validation.ts';

const label = boundedText({ charactersMax: limits.labelCharactersMax })
  .nullish()
  .transform((value) => value ?? undefined);

/** The settings are stricter (message-bounds.ts). */
const text = boundedText({ charactersMin: 1, charactersMax: limits.messageCharactersLegalMax });

/** Any JSON, not too deep: whatever reads it later may call itself for each level. */
const data = z.unknown().transform((value, { issues }): JsonValue => {
  if (isJsonValue(value, limits.partDataDepthMax)) return value;
  issues.push({ code: 'custom', input: value, params: { constraint: 'isShallowJson' } });
  return z.NEVER;
});

/** A part as a client gives it: a file by its id alone, because the server knows the rest. */
export const givenPartSchema = z
  .discriminatedUnion('type', [
    textPartSchema.extend({ text }),
    z.object({ type: z.literal('file'), fileId: fileIdSchema }),
    z.object({
      type: z.literal('source'),
      url: boundedText({ charactersMin: 1, charactersMax: limits.urlCharactersMax }),
      title: boundedText({ charactersMax: limits.labelCharactersMax }).exactOptional(),
    }),
    z.object({
      type: z.literal('data'),
      name: boundedText({ charactersMin: 1, charactersMax: limits.labelCharactersMax }),
      data,
    }),
  ])
  .meta({ id: 'GivenPart' });
export type GivenPart = z.output<typeof givenPartSchema>;

const parts = z.array(givenPartSchema).min(1).max(limits.messagePartsMax);

/** What a client says: either plain `content`, or `parts`, which may be longer and hold files. */
const said = {
  content: text
    .optional()
    .describe('Plain text, characters: at most the setting `contentCharactersMax`, 4,000 by default.'),
  parts: parts
    .optional()
    .describe(
      'Instead of `content`; all of them together, characters: at most the setting `messageCharactersMax`, 200,000 by default.',
    ),
} as const;

type Said = { readonly content?: string | undefined; readonly parts?: readonly GivenPart[] | undefined };

function saysOneThing(given: z.core.ParsePayload<Said>): void {
  const { content, parts } = given.value;
  if (content !== undefined && parts !== undefined) {
    given.issues.push({
      code: 'custom',
      path: ['parts'],
      input: parts,
      params: { constraint: 'contentOrParts' },
    });
  }
  if (content === undefined && parts === undefined) {
    given.issues.push({ code: 'invalid_type', expected: 'string', path: ['content'], input: content });
  }
}

/** What becomes of a message that comes while the session's agent answers, or others wait. */
export const queuePolicies = ['queue', 'replace', 'reject'] as const;
export type QueuePolicy = (typeof queuePolicies)[number];

export const queuePolicySchema = z
  .enum(queuePolicies)
  .describe(
    '`queue` (the default): it waits for its turn. `replace`: what runs and what waits is cancelled first. `reject`: it is refused (409).',
  );

/** Body of `POST /chat-sessions/:id/messages` and `data.message` of `message.send`. */
export const createChatMessageSchema = z
  .object({
    /** Made by the client, so that sending again has no second effect (I10); made by the server when absent. */
    id: messageIdSchema.optional(),
    role: z.enum(messageRoles).default('user'),
    ...said,
    toolCallId: label,
    name: label,
    /** Options of the model call for this one answer; they override the session's. Not part of the message. */
    options: modelOptionsSchema.optional(),
    queue: queuePolicySchema.optional(),
  })
  .check(saysOneThing)
  .meta({ id: 'CreateChatMessage' });
export type CreateChatMessage = z.infer<typeof createChatMessageSchema>;

/** Body of `PATCH /chat-sessions/:id/messages/:messageId`. */
export const editMessageSchema = z
  .object({
    ...said,
    /** Options of the model call for the new answer. */
    options: modelOptionsSchema.optional(),
  })
  .check(saysOneThing)
  .meta({ id: 'EditMessage' });
export type EditMessage = z.infer<typeof editMessageSchema>;

/** Body of `POST /chat-sessions/:id/messages/:messageId/regenerate`. */
export const regenerateMessageSchema = z
  .object({
    options: modelOptionsSchema.optional(),
    /** True: the answer, which was cut off, goes on in the same message, instead of a new one beside it. */
    continue: z.boolean().optional(),
  })
  .meta({ id: 'RegenerateMessage' });
export type RegenerateMessage = z.infer<typeof regenerateMessageSchema>;

/** Body of `PUT /chat-sessions/:id/branch`. */
export const selectBranchSchema = z
  .object({
    /** The last message of the branch; of a message in the middle, the newest below it is taken. */
    leafId: messageIdSchema,
  })
  .meta({ id: 'SelectBranch' });

/** Body of `POST /chat-sessions/:id/fork`. */
export const forkSessionSchema = z
  .object({
    /** The last message that is copied. */
    messageId: messageIdSchema,
    /** Default: that of the session that is copied. */
    title: boundedText({ charactersMin: 1, charactersMax: limits.titleCharactersMax }).optional(),
  })
  .meta({ id: 'ForkSession' });
export type ForkSession = z.infer<typeof forkSessionSchema>;
