/**
 * A recording: one HTML file with a session's journal and the inspector, which shows it without a server (SPEC INS). The
 * data stands in script elements that hold no script, as JSON whose every `<` is escaped.
 */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';

/** Version of the file's data; increased when its own page could not read older ones. */
export const recordingFormat = 1;

/** Ids of elements in the file. Of those with events there are many; `data-part` names them. */
export const recordingParts = {
  head: 'recording-head',
  /** One line for each event, an {@link InspectedJournalEvent} as JSON. */
  events: 'recording-events',
  end: 'recording-end',
  /** The code of the worker that lays out charts, as a JSON string. */
  worker: 'recording-worker',
} as const;

export const recordingHeadSchema = z.object({
  format: z.literal(recordingFormat),
  /** Version of the server that wrote the file. */
  server: z.string(),
  /** Version of its machines, with which the file's page replays. */
  machines: z.string(),
  /** ISO 8601. */
  savedAt: z.string(),
  sessionId: sessionIdSchema,
  /** `null`: the session is deleted. */
  title: z.string().nullable(),
});
export type RecordingHead = z.infer<typeof recordingHeadSchema>;

/** It is missing in a file that was cut off. */
export const recordingEndSchema = z.object({
  /** How many events the file holds. */
  events: z.int().nonnegative(),
  /** True when the session has more (`historyEventsMax`, `recordingUnitsMax`). */
  capped: z.boolean(),
});
export type RecordingEnd = z.infer<typeof recordingEndSchema>;
