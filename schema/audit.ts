/** The audit: what operators must be able to trace (SPEC AUD). Its events are for those with the scope `audit` and no tenant. */
import { z } from 'zod';
import { eventTable, isEventName } from './event-table.ts';
import { sessionIdSchema } from './ids.ts';
import { participantIdSchema } from './participant.ts';
import { scopeSchema, tenantSchema } from './principal.ts';

const by = participantIdSchema;

/** Data of `token.created`. The token itself is nowhere. */
export const tokenCreatedSchema = z
  .object({
    principal: participantIdSchema,
    tenant: z.string().nullable(),
    scopes: z.array(scopeSchema),
    /** What it is narrowed to; `null`: every session of the principal. */
    sessions: z.array(sessionIdSchema).nullable(),
    expiresAt: z.iso.datetime(),
    by,
  })
  .meta({ id: 'TokenCreated' });

/** Data of `session.handed-over`. */
export const sessionHandedOverSchema = z
  .object({
    sessionId: sessionIdSchema,
    /** `null`: it was nobody's. */
    from: participantIdSchema.nullable(),
    to: participantIdSchema,
    tenant: z.string().nullable(),
    by,
  })
  .meta({ id: 'SessionHandedOver' });

/** Data of `refusals.counted`: one for each kind and address or principal per minute at most. */
export const refusalsCountedSchema = z
  .object({
    /** What was refused, such as `login`. */
    kind: z.string(),
    address: z.string().nullable(),
    principal: participantIdSchema.nullable(),
    count: z.int().positive(),
    /** When the first of them was refused. */
    since: z.iso.datetime(),
  })
  .meta({ id: 'RefusalsCounted' });

/** Data of `session.commanded`: somebody who sees all sessions gave a command to that of another. */
export const sessionCommandedSchema = z
  .object({
    sessionId: sessionIdSchema,
    owner: participantIdSchema.nullable(),
    by,
    /** The route or the frame, such as `DELETE /chat-sessions/:id` or `message.send`. */
    command: z.string(),
  })
  .meta({ id: 'SessionCommanded' });

/** Body of `POST /chat-sessions/:id/owner`. */
export const handOverSessionSchema = z
  .strictObject({
    /** The principal that the session belongs to from now on. */
    owner: participantIdSchema,
    /** `null`: none; absent: the session stays in its tenant. */
    tenant: tenantSchema.nullable().exactOptional(),
  })
  .meta({ id: 'HandOverSession' });
export type HandOverSession = z.output<typeof handOverSessionSchema>;

/** An event of the audit, in `GET /audit`. */
export const auditEntrySchema = z
  .object({
    seq: z.int().positive(),
    at: z.iso.datetime(),
    /** Its name, such as `key.created`. */
    event: z.string().refine((name) => isEventName(name) && eventTable[name].namespace === 'audit'),
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: 'AuditEntry' });
