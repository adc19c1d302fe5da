/** The audit over REST (SPEC AUD). */
import { z } from 'zod';
import { auditEntrySchema } from '../../../schema/audit.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted, refusal, refused } from '../../../schema/refusal.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';

const auditPage = z.object({
  limit: wholeNumber({ min: 1, max: limits.auditPageMax }).default(limits.auditPage),
  /** The `seq` of the last entry of the page before. */
  before: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional(),
});

export const auditRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/audit',
    tag: 'audit',
    scope: 'audit',
    summary:
      'Lists what was done to keys, tokens and the sessions of others, and what was refused, newest first.',
    query: auditPage,
    response: { status: 200, description: 'Entries.', schema: z.array(auditEntrySchema) },
    answer: async ({ readModel }, { query, principal }) => {
      if (principal.tenant !== null || principal.sessions !== null) {
        return refused(
          refusal('forbidden', 'The audit tells of every tenant, and is for those who have none'),
        );
      }
      const entries = await readModel.audit(query);
      return accepted(
        entries.map(({ seq, event }) => ({
          ...{ seq, at: isoTimestamp(event.at), event: event.type, data: event.data },
        })),
      );
    },
  }),
];
