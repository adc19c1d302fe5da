/**
 * A span: one piece of work within a trace, such as a model call. Names and attributes of runs are those of the
 * OpenTelemetry conventions for generative AI, as far as a flat object of plain values can have them.
 */
import { z } from 'zod';
import { sessionIdSchema, spanIdSchema, traceIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { traceOriginSchema } from './trace.ts';
import { boundedText } from './validation.ts';

export const spanStatuses = ['ok', 'error'] as const;

export const traceSpanSchema = z
  .object({
    id: spanIdSchema,
    traceId: traceIdSchema,
    /** The span that it is a part of; `null`: none. It may be appended later, or never. */
    parentId: spanIdSchema.nullable(),
    name: z.string(),
    status: z.enum(spanStatuses),
    startedAt: z.iso.datetime(),
    /** Not before `startedAt`. */
    endedAt: z.iso.datetime(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'TraceSpan' });

export type TraceSpan = z.infer<typeof traceSpanSchema>;
export type SpanAttributes = TraceSpan['attributes'];

/** Data of `trace.span.appended`. */
export const appendedSpanSchema = z
  .object({
    ...traceSpanSchema.shape,
    sessionId: sessionIdSchema.exactOptional(),
    origin: traceOriginSchema.exactOptional(),
  })
  .meta({ id: 'AppendedSpan' });

/** A flat object of plain values, as a client gives it. */
export const attributesSchema = z
  .record(
    boundedText({ charactersMin: 1, charactersMax: limits.attributeKeyCharactersMax }),
    z.union([boundedText({ charactersMax: limits.attributeCharactersMax }), z.number(), z.boolean()]),
  )
  .check(({ value, issues }) => {
    const maximum = limits.attributesMax;
    if (Object.keys(value).length > maximum) {
      issues.push({ code: 'too_big', origin: 'object', maximum, input: value });
    }
  });

const instant = z.iso.datetime({ offset: true });

const givenSpanSchema = z
  .object({
    /** Made by the client, so that a repetition is recognised. */
    id: spanIdSchema,
    parentId: spanIdSchema.nullable().optional(),
    name: boundedText({ charactersMin: 1, charactersMax: limits.traceNameCharactersMax }),
    status: z.enum(spanStatuses).optional(),
    startedAt: instant,
    endedAt: instant,
    attributes: attributesSchema.optional(),
  })
  .check(({ value, issues }) => {
    const problem = (path: string, constraint: string) =>
      issues.push({ code: 'custom', input: value, path: [path], params: { constraint } });
    if (Date.parse(value.endedAt) < Date.parse(value.startedAt)) problem('endedAt', 'isNotBefore');
    if (value.parentId === value.id) problem('parentId', 'isNotItself');
  })
  .meta({ id: 'GivenSpan' });
export type GivenSpan = z.infer<typeof givenSpanSchema>;

/** Body of `POST /traces/:id/spans`. */
export const appendSpansSchema = z
  .object({
    spans: z
      .array(givenSpanSchema)
      .min(1)
      .max(limits.appendSpansMax)
      .check(({ value, issues }) => {
        const seen = new Set<string>();
        for (const [index, { id }] of value.entries()) {
          if (seen.has(id)) {
            const params = { constraint: 'isUnique' };
            issues.push({ code: 'custom', input: id, path: [index, 'id'], params });
          }
          seen.add(id);
        }
      }),
  })
  .meta({ id: 'AppendSpans' });

/** The answer: how many of the given spans are stored now, which is all of them. */
export const appendedSpansSchema = z
  .object({ traceId: traceIdSchema, stored: z.int().nonnegative() })
  .meta({ id: 'AppendedSpans' });
export type AppendedSpans = z.infer<typeof appendedSpansSchema>;
