/**
 * The journal of one session with what led to each event, for those who replay it themselves: what-if and recordings
 * (SPEC INS).
 */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';

/** An event as the journal holds it, with what led to it if it was the first that did. */
export const inspectedJournalEventSchema = z
  .object({
    seq: z.int().positive(),
    /** As its actor emitted it. */
    event: z.looseObject({ type: z.string(), at: z.number() }),
    /** JSON text; see `docs/inspect-protocol.md`. */
    cause: z.string().exactOptional(),
  })
  .meta({ id: 'InspectedJournalEvent' });
export type InspectedJournalEvent = z.infer<typeof inspectedJournalEventSchema>;

/** Answer of `GET /inspect/sessions/:id/journal`. */
export const inspectedJournalSchema = z
  .object({
    sessionId: sessionIdSchema,
    /** `seq` ascending. */
    events: z.array(inspectedJournalEventSchema),
    /** `after` of the next page; `null`: this was the last. */
    next: z.int().nullable(),
  })
  .meta({ id: 'InspectedJournal' });
export type InspectedJournal = z.infer<typeof inspectedJournalSchema>;
