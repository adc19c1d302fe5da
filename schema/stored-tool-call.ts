/** A tool call as REST returns it: whole, where frames have previews. */
import { z } from 'zod';
import { sessionIdSchema, toolCallIdSchema, turnIdSchema } from './ids.ts';
import { filePartSchema } from './message-part.ts';
import { callApprovalSchema } from './tool-decision.ts';
import { toolEventStatuses } from './tool-event.ts';

export const toolCallSchema = z
  .object({
    id: toolCallIdSchema,
    sessionId: sessionIdSchema,
    turnId: turnIdSchema,
    name: z.string(),
    status: z.enum(toolEventStatuses),
    /** JSON text as the model wrote it. */
    arguments: z.string(),
    /** The whole result or error, up to `toolResultUnitsMax`; `null` until it ended. */
    result: z.string().nullable(),
    /** What the tool returned beside its result; their bytes are at `GET /files/:id`. */
    files: z.array(filePartSchema).exactOptional(),
    agentId: z.string().nullable(),
    needsApproval: z.boolean(),
    /** When the call fails if nobody has decided. */
    approvalDeadline: z.iso.datetime().exactOptional(),
    /** A person's decision. */
    approval: callApprovalSchema.exactOptional(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().exactOptional(),
  })
  .meta({ id: 'ToolCall' });
export type ToolCall = z.output<typeof toolCallSchema>;

/** The call in a list, with previews: a page of whole calls could be megabytes long. */
export const listedToolCallSchema = toolCallSchema
  .omit({ arguments: true, result: true })
  .meta({ id: 'ListedToolCall' });
export type ListedToolCall = z.output<typeof listedToolCallSchema>;
