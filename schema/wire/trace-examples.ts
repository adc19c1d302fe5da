/** Examples of traces and spans, for the API documents (SPEC [DOC3]). */
import type { z } from 'zod';
import { createTraceSchema, finaliseTraceSchema } from '../client-trace.ts';
import { baselineTraceSchema, purgedTracesSchema, traceSchema } from '../trace.ts';
import {
  appendedSpanSchema,
  appendedSpansSchema,
  appendSpansSchema,
  attributesSchema,
  traceSpanSchema,
} from '../trace-span.ts';
import { exampleIds } from './example-ids.ts';

const trace = {
  id: exampleIds.trace,
  sessionId: exampleIds.session,
  name: 'engine.run',
  status: 'completed',
  durationMs: 306,
  metadata: { messageId: exampleIds.prompt, responseCount: 1 },
  createdAt: '2026-11-23T04:40:02.001Z',
  updatedAt: '2026-11-23T04:40:02.307Z',
} satisfies z.input<typeof baselineTraceSchema>;

const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'clock' };

const span = {
  id: exampleIds.toolCall,
  traceId: exampleIds.trace,
  parentId: exampleIds.turn,
  name: 'execute_tool clock',
  status: 'ok',
  startedAt: '2026-11-23T04:40:02.021Z',
  endedAt: '2026-11-23T04:40:02.201Z',
  attributes,
} satisfies z.input<typeof traceSpanSchema>;

const { traceId: _, ...given } = span;

export const traceExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [baselineTraceSchema, trace],
  [traceSchema, trace],
  [attributesSchema, attributes],
  [traceSpanSchema, span],
  [appendedSpanSchema, { ...span, sessionId: exampleIds.session }],
  [appendSpansSchema, { spans: [given] } satisfies z.input<typeof appendSpansSchema>],
  [
    appendedSpansSchema,
    { traceId: exampleIds.trace, stored: 1 } satisfies z.input<typeof appendedSpansSchema>,
  ],
  [purgedTracesSchema, { ids: [exampleIds.trace] } satisfies z.input<typeof purgedTracesSchema>],
  [
    createTraceSchema,
    { name: 'night sweep', sessionId: exampleIds.session } satisfies z.input<typeof createTraceSchema>,
  ],
  [
    finaliseTraceSchema,
    { status: 'failed', error: 'The disk is full' } satisfies z.input<typeof finaliseTraceSchema>,
  ],
];
