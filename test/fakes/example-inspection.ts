/** An inspection that always returns one session, and lets nobody watch. */

import { recordingPageSchema } from '../../schema/recording.ts';
import { refusal, refused } from '../../schema/refusal.ts';
import { sessionHistorySchema } from '../../schema/session-history.ts';
import { inspectedJournalSchema } from '../../schema/session-journal.ts';
import { exampleOf } from '../../schema/wire/examples.ts';
import { inspectedSessionSchema } from '../../schema/wire/inspect-frame.ts';
import type { Inspection } from '../../src/inspect/inspection.ts';

const nobody = () => refused(refusal('too_many_subscriptions', 'Nobody can inspect this fake'));

export function exampleInspection(knows: (id: string) => boolean): Inspection {
  return {
    inspectors: { subscribe: nobody, unsubscribe: nobody, focus: nobody, stop: () => {} },
    session: async (id) =>
      knows(id) ? inspectedSessionSchema.parse(exampleOf(inspectedSessionSchema)) : undefined,
    history: async (id) =>
      knows(id) ? sessionHistorySchema.parse(exampleOf(sessionHistorySchema)) : undefined,
    recordings: async () => recordingPageSchema.parse(exampleOf(recordingPageSchema)),
    journal: async (id) =>
      knows(id) ? inspectedJournalSchema.parse(exampleOf(inspectedJournalSchema)) : undefined,
    recording: async (id) => (knows(id) ? { name: 'callboard-example.html', pieces: onePiece() } : undefined),
  };
}

async function* onePiece(): AsyncGenerator<string> {
  yield '<!doctype html>';
}
