/** Finding sessions: what can be asked, and what is answered (SPEC, rules SRC). */
import { z } from 'zod';
import { agentStates } from './agent-activity.ts';
import type { Visibility } from './authorization.ts';
import { type ChatSession, chatSessionSchema, sessionStatuses } from './chat-session.ts';
import { messageIdSchema, type SessionId } from './ids.ts';
import { type ParticipantId, participantIdSchema } from './participant.ts';
import type { Milliseconds } from './timestamp.ts';

export const snippetSchema = z
  .object({
    messageId: messageIdSchema,
    /** Part of the message around what was found, in one line; `…` where it is cut. */
    text: z.string(),
  })
  .meta({ id: 'SearchSnippet' });
export type SearchSnippet = z.output<typeof snippetSchema>;

export const foundSessionSchema = chatSessionSchema
  .extend({
    /** Present when a text was looked for: the newest messages that have it; none if only the title has. */
    snippets: z.array(snippetSchema).exactOptional(),
  })
  .meta({ id: 'FoundSession' });
export type FoundSession = ChatSession & { readonly snippets?: readonly SearchSnippet[] };

const instant = z.iso.datetime({ offset: true });

/** What selects sessions, as REST takes it; all of it must hold. */
export const sessionFilters = {
  status: z.enum(sessionStatuses).optional(),
  activity: z.enum(agentStates).optional(),
  updatedAfter: instant.optional(),
  updatedBefore: instant.optional(),
  participant: participantIdSchema.optional(),
  agent: participantIdSchema.optional(),
};

export type SessionQuery = {
  readonly limit: number;
  /** The last session of the page before. */
  readonly before?: SessionId | undefined;
  /** A text to find in titles and messages: sessions whose title has it come first, then by `updatedAt`. */
  readonly q?: string | undefined;
  readonly status?: ChatSession['status'] | undefined;
  /** What the session's agent is doing. */
  readonly activity?: (typeof agentStates)[number] | undefined;
  /** Only sessions with a greater `updatedAt`. */
  readonly updatedAfter?: Milliseconds | undefined;
  readonly updatedBefore?: Milliseconds | undefined;
  /** Who takes part in them, whatever the role. */
  readonly participant?: ParticipantId | undefined;
  /** Who takes part in them as `agent`. */
  readonly agent?: ParticipantId | undefined;
  /** Only sessions that a principal sees; absent: all. */
  readonly visibleTo?: Visibility | undefined;
};
