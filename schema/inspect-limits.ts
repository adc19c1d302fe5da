/** Bounds on what inspectors are shown, live and of the past. They are part of `limits` (`limits.ts`). */

export const inspectLimits = {
  /** Least time between two frames of the live tree, or of one focus, ms. */
  inspectIntervalMs: 100,
  /** Connections that inspect at the same time. More: refused `too_many_subscriptions`. */
  inspectorsMax: 32,
  /** Actors that are examined in one interval, about. More: their sessions wait for the next. */
  inspectLookActorsMax: 2000,
  /** Least time between two reports of a streaming answer's length, ms. */
  inspectTextIntervalMs: 1000,
  /** Actors in one frame of the tree. More: another frame. */
  inspectFrameActorsMax: 500,
  /** Snapshot frames sent to one inspector in one interval. More wait for the next. */
  inspectSnapshotFramesMax: 4,
  /** Unsent bytes of a socket at which inspecting pauses; when they are sent, it gets a new snapshot. */
  inspectBudgetBytes: 256 * 1024,
  /** Events of one focus in one frame. More: the oldest are left out and counted. */
  inspectEventsMax: 200,
  /** Previews and frames as inspectors see them, UTF-16 units before the `…`, whatever `previewUnitsMax` is. More: cut. */
  inspectPreviewUnitsMax: 2000,
  /** Payload of an inspected event, about this many UTF-16 units of JSON. Larger: its preview replaces it. */
  inspectPayloadUnitsMax: 1000,
  /** Context of an inspected actor, about this many UTF-16 units of JSON. More: the rest is left out with a note. */
  inspectContextUnitsMax: 2000,
  /** Steps of a history in one answer. More: 400. */
  historyStepsMax: 500,
  /** Events of a session that are replayed. More: later events are not shown. */
  historyEventsMax: 20_000,
  /** Events of a history that are read from the journal at a time. */
  historyChunkEvents: 500,
  /** Events of one page of a journal. More: 400. */
  journalPageEventsMax: 1000,
  /** Approximate bytes of one page of a journal; a single event may be longer. More: the next page. */
  journalPageBytes: 4_000_000,
  /** Sessions that are looked at for one page of recordings. More: the next page. */
  recordingsPageMax: 200,
  /** Journal in one recording, UTF-16 units of JSON, about. More: later events are left out. */
  recordingUnitsMax: 64_000_000,
  /** Events that are read at a time for a recording. */
  recordingChunkEvents: 200,
  /** Recordings that are being sent at the same time. More: refused `overloaded`, retryable. */
  recordingsSentMax: 8,
  /** Replaying a history lets other work run after this, ms. A step takes about 0.2 ms, 1 ms if it is shown. */
  historySliceMs: 5,
} as const;
