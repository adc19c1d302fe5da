/** What outside agents hear of turns that wait for one of them ([OFR1]–[OFR8]). */
import { z } from 'zod';
import { messageIdSchema, sessionIdSchema, turnIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { messageAuthorSchema } from './message-author.ts';
import { boundedText } from './validation.ts';

/** The name of an outside agent. */
export const agentNameSchema = boundedText({
  charactersMin: 1,
  charactersMax: limits.agentNameCharactersMax,
});

/** `agent` of what is addressed to one agent; `null`: any may take it. */
const addressee = agentNameSchema.nullable().describe('The agent that is asked; `null`: any.');

const turn = { turnId: turnIdSchema, sessionId: sessionIdSchema, timestamp: z.iso.datetime() } as const;

/** Data of `turn.offered`. */
export const turnOfferedSchema = z
  .object({
    ...turn,
    agent: addressee,
    /** The message to answer. */
    promptId: messageIdSchema,
    /** The assistant message that will hold the answer. */
    answerId: messageIdSchema,
    /** When the turn fails if nobody has claimed it. */
    claimBy: z.iso.datetime(),
  })
  .meta({ id: 'TurnOffered' });
export type TurnOffered = z.output<typeof turnOfferedSchema>;

/** Data of `turn.claimed`. */
export const turnClaimedSchema = z
  .object({
    ...turn,
    agent: addressee,
    /** The message to answer. */
    promptId: messageIdSchema,
    /** Who claimed it. */
    claimedBy: agentNameSchema,
    /** How long that agent may be silent, ms. */
    leaseMs: z.int().positive(),
    /** For whom that agent speaks: the author of the answer. */
    author: messageAuthorSchema.exactOptional(),
  })
  .meta({ id: 'TurnClaimed' });
export type TurnClaimed = z.output<typeof turnClaimedSchema>;

/** Data of `turn.withdrawn`: nobody can claim the turn any more, because it was cancelled or nobody came in time. */
export const turnWithdrawnSchema = z.object({ ...turn, agent: addressee }).meta({ id: 'TurnWithdrawn' });
