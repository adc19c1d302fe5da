/** The routes of traces and their spans. */
import { z } from 'zod';
import { visibilityOf } from '../../../schema/authorization.ts';
import { createTraceSchema, finaliseTraceSchema } from '../../../schema/client-trace.ts';
import { sessionIdSchema, spanIdSchema, traceIdSchema } from '../../../schema/ids.ts';
import type { Principal } from '../../../schema/principal.ts';
import { accepted, type Refusal, refusal, refused, traceNotFound } from '../../../schema/refusal.ts';
import { traceSchema } from '../../../schema/trace.ts';
import { appendedSpansSchema, appendSpansSchema, traceSpanSchema } from '../../../schema/trace-span.ts';
import { pageLimit } from '../http/page-limit.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { described } from './described-command.ts';

/** Whoever is narrowed to given sessions could not see it. */
function ownTraceRefusal({ sessions }: Principal): Refusal | null {
  if (sessions === null) return null;
  return refusal(
    'forbidden',
    'What you may do is narrowed to given sessions; say the sessionId of the trace',
  );
}

const shared = { ...takesNothing, tag: 'traces' } as const;

export const traceRoutes: readonly Route[] = [
  route({
    ...shared,
    method: 'GET',
    path: '/traces',
    summary: 'Lists the traces of all sessions, or of one, newest first. They outlive their session.',
    query: z.object({
      limit: pageLimit,
      before: traceIdSchema.optional(),
      sessionId: sessionIdSchema.optional(),
    }),
    response: { status: 200, description: 'Traces.', schema: z.array(traceSchema) },
    answer: async ({ readModel }, { query: { sessionId, ...page }, principal }) =>
      accepted(await readModel.traces(page, sessionId, visibilityOf(principal))),
  }),
  route({
    ...described('trace.create'),
    ...shared,
    body: createTraceSchema,
    response: { status: 201, description: 'The trace.', schema: traceSchema },
    refusals: [404, 409, 429],
    answer: async ({ door, authorize }, { body, named, principal }) => {
      const denied =
        body.sessionId == null
          ? ownTraceRefusal(principal)
          : await authorize(principal, 'take part', { kind: 'session', id: body.sessionId });
      return denied === null ? door.createTrace(body, named, principal) : refused(denied);
    },
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/traces/:id',
    summary: 'Reads a trace.',
    id: traceIdSchema,
    response: { status: 200, description: 'The trace.', schema: traceSchema },
    answer: async ({ readModel }, { id }) => {
      const trace = await readModel.trace(id);
      return trace === undefined ? refused(traceNotFound(id)) : accepted(trace);
    },
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/traces/:id/spans',
    summary:
      'Lists the spans of a trace in the order in which they were appended, those after the span `after`.',
    id: traceIdSchema,
    query: z.object({ limit: pageLimit, after: spanIdSchema.optional() }),
    response: { status: 200, description: 'Spans.', schema: z.array(traceSpanSchema) },
    answer: async ({ readModel }, { id, query }) => {
      if ((await readModel.trace(id)) === undefined) return refused(traceNotFound(id));
      return accepted(await readModel.spans(id, query));
    },
  }),
  route({
    ...described('trace.append'),
    ...shared,
    id: traceIdSchema,
    body: appendSpansSchema,
    response: { status: 200, description: 'How many of them are stored.', schema: appendedSpansSchema },
    refusals: [409, 429],
    answer: ({ door }, { id, body, named }) => door.appendSpans(id, body.spans, named),
  }),
  route({
    ...described('trace.finalise'),
    ...shared,
    id: traceIdSchema,
    body: finaliseTraceSchema,
    response: { status: 200, description: 'The trace, ended.', schema: traceSchema },
    refusals: [409, 429],
    answer: ({ door }, { id, body, named }) => door.finaliseTrace(id, body, named),
  }),
];
