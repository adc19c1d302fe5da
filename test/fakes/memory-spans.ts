/** The spans of traces, as a map by trace. */

import type { z } from 'zod';
import type { SpanId, TraceId } from '../../schema/ids.ts';
import type { appendedSpanSchema, TraceSpan } from '../../schema/trace-span.ts';

export class MemorySpans {
  readonly #traces = new Map<TraceId, Map<SpanId, TraceSpan>>();

  append({ sessionId: _, origin: __, ...span }: z.infer<typeof appendedSpanSchema>): void {
    const spans = this.#traces.get(span.traceId) ?? new Map<SpanId, TraceSpan>();
    if (!spans.has(span.id)) spans.set(span.id, span);
    this.#traces.set(span.traceId, spans);
  }

  purge(trace: TraceId): void {
    this.#traces.delete(trace);
  }

  /** In the order in which they were appended. */
  of(trace: TraceId): TraceSpan[] {
    return [...(this.#traces.get(trace)?.values() ?? [])];
  }
}
