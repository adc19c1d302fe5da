/** Stored sessions as the inspector lists them: each with how it stands (SPEC [INS13]). */
import { z } from 'zod';
import { chatSessionSchema, sessionStatuses } from './chat-session.ts';
import { sessionIdSchema } from './ids.ts';
import { sessionFilters } from './session-search.ts';
import { type TurnStatus, turnStatuses } from './turn-record.ts';

/** What a session's last turn came to; `waiting`: one of its calls waits for a person. */
export const sessionOutcomes = ['waiting', ...turnStatuses] as const satisfies readonly (
  | 'waiting'
  | TurnStatus
)[];
export type SessionOutcome = (typeof sessionOutcomes)[number];

export const sessionStandingSchema = z
  .object({
    outcome: z.enum(sessionOutcomes).nullable().describe('null: it has no turn.'),
    reason: z
      .string()
      .nullable()
      .describe('Why its last turn did not come to its end, or the name of the tool whose call waits.'),
    since: z.iso.datetime().nullable().describe('Since when it stands so.'),
    durationMs: z
      .int()
      .nonnegative()
      .nullable()
      .describe('From the question to the end of its last turn; null: it has not ended.'),
    tools: z.array(z.string()).describe('The tools that were called in it, by name.'),
    models: z.array(z.string()).describe('The models that answered in it, by name.'),
  })
  .meta({ id: 'SessionStanding' });
export type SessionStanding = z.infer<typeof sessionStandingSchema>;

export const recordingSchema = chatSessionSchema
  .extend({ standing: sessionStandingSchema })
  .meta({ id: 'Recording' });
export type Recording = z.infer<typeof recordingSchema>;

/** Answer of `GET /inspect/recordings`. */
export const recordingPageSchema = z
  .object({
    recordings: z
      .array(recordingSchema)
      .describe(
        'The one that changed last first. There may be fewer than fit, even none, and more on the next page.',
      ),
    next: sessionIdSchema.nullable().describe('`before` of the next page; null: this was the last.'),
  })
  .meta({ id: 'RecordingPage' });
export type RecordingPage = z.infer<typeof recordingPageSchema>;

export const recordingStates = [...sessionStatuses, 'closed'] as const;

/** What selects recordings, as REST takes it; all of it must hold. */
export const recordingFilters = {
  q: z.string().max(200).optional().describe('A part of the title or id, whatever its case.'),
  outcome: z.enum(sessionOutcomes).optional(),
  state: z.enum(recordingStates).optional(),
  tool: z.string().max(200).optional().describe('The name of a tool that was called.'),
  model: z.string().max(200).optional().describe('The name of a model that answered.'),
  updatedAfter: sessionFilters.updatedAfter,
  updatedBefore: sessionFilters.updatedBefore,
};
const recordingFiltersSchema = z.object(recordingFilters);
export type RecordingFilters = z.infer<typeof recordingFiltersSchema>;
