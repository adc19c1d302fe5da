/** The inspector's routes: they show live or stored state, and change nothing (SPEC INS). */
import { z } from 'zod';
import { machineCharts } from '../../../machines/charts.ts';
import { visibilityOf } from '../../../schema/authorization.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { machineChartsSchema } from '../../../schema/machine-chart.ts';
import { recordingFilters, recordingPageSchema } from '../../../schema/recording.ts';
import { accepted, type Outcome, refused, sessionNotFound } from '../../../schema/refusal.ts';
import { sessionHistorySchema } from '../../../schema/session-history.ts';
import { inspectedJournalSchema } from '../../../schema/session-journal.ts';
import { inspectedSessionSchema } from '../../../schema/wire/inspect-frame.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';

const shared = { ...takesNothing, method: 'GET', tag: 'inspect', scope: 'inspect' } as const;

function found<Value>(id: string, value: Value | undefined): Outcome<Value> {
  return value === undefined ? refused(sessionNotFound(id)) : accepted(value);
}

const seq = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER });

function startOf({
  after,
  around,
  from,
}: {
  after: number;
  around?: number | undefined;
  from?: number | undefined;
}) {
  if (from !== undefined) return { from };
  return around === undefined ? { after } : { around };
}

export const inspectRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/inspect/machines',
    summary: 'The charts of all machines, as their own definitions have them.',
    response: { status: 200, description: 'Charts.', schema: machineChartsSchema },
    answer: () => accepted({ machines: machineCharts() }),
  }),
  route({
    ...shared,
    path: '/inspect/recordings',
    summary:
      'The stored sessions, each with what its last turn came to, page by page; the parameters filter.',
    query: z.object({ ...recordingFilters, before: sessionIdSchema.optional() }),
    response: { status: 200, description: 'Recordings.', schema: recordingPageSchema },
    answer: async ({ inspection }, { query, principal }) =>
      accepted(await inspection.recordings({ ...query, visibleTo: visibilityOf(principal) })),
  }),
  route({
    ...shared,
    path: '/inspect/sessions/:id',
    summary: 'The actors of a session as they are, or as they would wake, and what may be done to it.',
    id: sessionIdSchema,
    response: { status: 200, description: 'The session.', schema: inspectedSessionSchema },
    answer: async ({ inspection }, { id }) => found(id, await inspection.session(id)),
  }),
  route({
    ...shared,
    path: '/inspect/sessions/:id/history',
    summary:
      'The journal of a session, replayed event by event; deleted sessions have one as long as it is kept.',
    id: sessionIdSchema,
    query: z.object({
      after: seq.default(0),
      around: seq.optional().describe('Instead of `after`: the steps around the one with this `seq`.'),
      from: seq.optional().describe('Instead of `after`: how many events of the session to leave out.'),
      limit: wholeNumber({ min: 1, max: limits.historyStepsMax }).default(200),
    }),
    response: { status: 200, description: 'Steps.', schema: sessionHistorySchema },
    answer: async ({ inspection }, { id, query: { after, around, from, limit } }) =>
      found(id, await inspection.history(id, { limit, ...startOf({ after, around, from }) })),
  }),
  route({
    ...shared,
    path: '/inspect/sessions/:id/journal',
    summary: 'The journal of a session with what led to each event, so that it can be replayed elsewhere.',
    id: sessionIdSchema,
    query: z.object({
      after: seq.default(0),
      limit: wholeNumber({ min: 1, max: limits.journalPageEventsMax }).default(limits.journalPageEventsMax),
    }),
    response: { status: 200, description: 'Events.', schema: inspectedJournalSchema },
    answer: async ({ inspection }, { id, query }) => found(id, await inspection.journal(id, query)),
  }),
];
