/** Bounds on traces, their spans, and on the runtime config and its history. They are part of `limits` (`limits.ts`). */

export const traceLimits = {
  /** The name of a trace of a client, and of a span, characters. More: 400. */
  traceNameCharactersMax: 256,
  /** Spans of one trace. More: refused `conflict`, and nothing of the append is stored; runs are bounded below it. */
  traceSpansMax: 10_000,
  /** Spans of one append. More: 400. */
  appendSpansMax: 100,
  /** Attributes of one span, and keys of a trace's metadata that a client gives. More: 400. */
  attributesMax: 64,
  /** The key of an attribute, characters. More: 400. */
  attributeKeyCharactersMax: 128,
  /** An attribute that is a text, characters. More: 400. */
  attributeCharactersMax: 1000,
  /** Traces of clients in memory. More: the least recently used idle one leaves; all busy: refused, retryable. */
  tracesLiveMax: 1000,
  /** Commands of one trace that wait. More: refused `session_busy`, retryable. */
  traceCommandsMax: 64,
  /** Greatest legal `traceRetentionDays`. */
  traceRetentionDaysMax: 36_500,
  /** Traces that one step of purging takes … */
  tracePurgeTraces: 50,
  /** … and their spans, unless a single trace has more. More: another step, after a pause. */
  tracePurgeSpans: 1000,
  /** Keys in `features` of the runtime config after merging. More: 400. */
  configFeaturesMax: 100,
  /** Changes of the runtime config in its history. More: the oldest are forgotten. */
  configHistoryMax: 10_000,
  /** The name of the owner of an API key, as it is kept, UTF-16 units: derived from the key, never the key. */
  ownerUnitsMax: 64,
} as const;
