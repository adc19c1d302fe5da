/** The inspector's routes: they show live or stored state, and change nothing (SPEC INS). */
import { create } from 'content-disposition';
import { z } from 'zod';
import { machineCharts } from '../../../machines/charts.ts';
import { visibilityOf } from '../../../schema/authorization.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { machineChartsSchema } from '../../../schema/machine-chart.ts';
import { recordingFilters, recordingPageSchema } from '../../../schema/recording.ts';
import { accepted, type Outcome, refusal, refused, sessionNotFound } from '../../../schema/refusal.ts';
import { sessionHistorySchema } from '../../../schema/session-history.ts';
import { inspectedJournalSchema } from '../../../schema/session-journal.ts';
import { inspectedSessionSchema } from '../../../schema/wire/inspect-frame.ts';
import { Places } from '../http/places.ts';
import {
  type GatewayServices,
  type Route,
  route,
  type ServeRequest,
  servingRoute,
  takesNothing,
} from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { sendPieces } from './streamed-list.ts';

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
  servingRoute({
    method: 'GET',
    tag: 'inspect',
    scope: 'inspect',
    path: '/inspect/sessions/:id/recording',
    summary:
      'One HTML file that holds the journal of a session, in plain text, and shows it in any browser without a server. ' +
      'When it cannot be written to its end, the connection is closed before it.',
    response: {
      status: 200,
      description: 'The file, with a name made of the title.',
      text: { 'text/html': '<!doctype html>\n' },
    },
    serve: async (services, request) => {
      const sent = await sending.take(() => sendRecording(services, request), busy);
      if (sent === busy) request.exchange.refuse(busy);
    },
  }),
];

// The memory that they need is that of the process.
const sending = new Places(limits.recordingsSentMax);
const busy = refusal('overloaded', 'Too many recordings are being sent; try again');
const pageless = refusal('not_found', 'This server has no pages, of which a recording is made');
const unbuilt = refusal('internal', 'The page of recordings could not be built; the log says why');

async function sendRecording({ inspection }: GatewayServices, request: ServeRequest): Promise<void> {
  const { exchange, after } = request;
  const id = sessionIdSchema.safeParse(request.id);
  if (!id.success) return exchange.refuse(refusal('bad_uuid', 'Validation failed (uuid is expected)'));
  const recording = await inspection.recording(id.data);
  if (recording === undefined) return exchange.refuse(sessionNotFound(id.data));
  if (recording === 'no pages') return exchange.refuse(pageless);
  if (recording === 'unbuilt') return exchange.refuse(unbuilt);
  const head = {
    status: 200,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      // It is a file to keep: on this server's origin it must not run.
      ['Content-Disposition', create(recording.name)],
      ['Content-Security-Policy', "sandbox; default-src 'none'"],
      ['X-Content-Type-Options', 'nosniff'],
      ['Cross-Origin-Resource-Policy', 'same-origin'],
      ['Referrer-Policy', 'no-referrer'],
      ['Cache-Control', 'no-store'],
      ['Access-Control-Expose-Headers', 'Content-Disposition'],
    ],
  } as const;
  await sendPieces(exchange, head, recording.pieces, after);
}
