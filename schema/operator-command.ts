/**
 * Operator commands: what an operator may do to a session now, as its machine says, through the ordinary REST routes.
 */
import { z } from 'zod';

export const operatorCommandSchema = z
  .object({
    /** Such as `tool.approve`, `turn.cancel`, `session.archive`, `session.close`, `session.delete`; more may come. */
    command: z.string(),
    label: z.string(),
    /** Whether the machine would accept it in its present state. */
    allowed: z.boolean(),
    /** Whether it would change anything: cancelling where nothing runs is accepted and does nothing. */
    effective: z.boolean(),
    /** Why the command is not allowed, or has no effect. */
    reason: z.string().nullable(),
    /** True when its effect cannot be undone: ask for confirmation. */
    destructive: z.boolean(),
    request: z.object({
      method: z.enum(['POST', 'PATCH', 'DELETE']),
      path: z.string(),
      /** JSON body; `null`: none. */
      body: z.json(),
    }),
  })
  .meta({ id: 'OperatorCommand' });
export type OperatorCommand = z.infer<typeof operatorCommandSchema>;
