/** The query of `/live`, of the namespaces with `callboard.v1`, and of `/events` (SPEC [V1C1]–[V1C3], [V1E1]). */
import { z } from 'zod';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { agentNameSchema } from '../../../schema/turn-offer.ts';
import { cursorSchema } from '../../../schema/wire/cursor.ts';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';

const namespacesSchema = z
  .string()
  .meta({
    description: `Separated by commas: ${wireNamespaces.join(', ')}.`,
    examples: ['chat-sessions,chat-messages'],
  })
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(wireNamespaces)).max(wireNamespaces.length));

export const streamQuerySchema = z.object({
  namespaces: namespacesSchema.optional(),
  /** Only events of this session. */
  sessionId: sessionIdSchema.optional(),
  agent: agentNameSchema
    .optional()
    .describe('Of `turns`, only those that this outside agent may claim; not together with `sessionId`.'),
  /** Resume after this cursor. */
  since: cursorSchema.optional(),
});
