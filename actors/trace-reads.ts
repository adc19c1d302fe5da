/** Reads of the spans of traces. All reject with `JournalUnavailable`. */
import type { SpanId, TraceId } from '../schema/ids.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { TraceSpan } from '../schema/trace-span.ts';

/** The first `limit` spans after the span `after`; if `after` is unknown, an empty page. */
export type SpanPage = { readonly limit: number; readonly after?: SpanId | undefined };

/** A trace that ended, and how many spans it has. */
export type EndedTrace = { readonly id: TraceId; readonly spans: number };

export type TraceReads = {
  /** In the order in which they were appended. */
  readonly spans: (trace: TraceId, page: SpanPage) => Promise<readonly TraceSpan[]>;
  /** Those spans of the trace that are stored under these ids, in any order. */
  readonly spansWith: (trace: TraceId, ids: readonly SpanId[]) => Promise<readonly TraceSpan[]>;
  readonly spanCount: (trace: TraceId) => Promise<number>;
  /** At most `limit` traces that ended before `before`. */
  readonly endedTraces: (query: {
    readonly before: Milliseconds;
    readonly limit: number;
  }) => Promise<readonly EndedTrace[]>;
};
