/** Reads the journal in a file: a part that cannot be read costs that part, and is told. */
import type { Pause } from '../../../../actors/replay/history-pages.ts';
import { isEventName } from '../../../../schema/event-table.ts';
import {
  type InspectedJournalEvent,
  inspectedJournalEventSchema,
} from '../../../../schema/session-journal.ts';
import { recordingEndSchema } from '../../../../schema/session-recording.ts';

export type RecordedJournal = {
  readonly events: readonly InspectedJournalEvent[];
  /** The session has more events than the file. */
  readonly isCapped: boolean;
  /** What is wrong with it, or left out of it, in words for people. */
  readonly remarks: readonly string[];
};

/** `parts` have a line for each event; `end` is what follows them, `null` in a file that was cut off. */
export async function readRecordedJournal(
  parts: Iterable<string>,
  end: string | null,
  pause: Pause,
): Promise<RecordedJournal> {
  const events: InspectedJournalEvent[] = [];
  let unread = 0;
  for (const part of parts) {
    for (const line of part.split('\n')) {
      if (line === '') continue;
      const event = eventIn(line);
      if (event === null || event.seq <= (events.at(-1)?.seq ?? 0)) unread++;
      else events.push(event);
      await pause();
    }
  }
  const ending = recordingEndSchema.safeParse(jsonOrNull(end ?? ''));
  const missing = ending.success ? ending.data.events - events.length - unread : 0;
  const isCapped = ending.success && ending.data.capped;
  return {
    events,
    isCapped,
    remarks: [
      ...(ending.success ? [] : ['This file was cut off: what came behind the last step is not in it.']),
      ...(unread === 0 ? [] : [`${countOf(unread)} of this file cannot be read; their steps are left out.`]),
      ...(missing > 0 ? [`${countOf(missing)} of this file are missing.`] : []),
      ...(isCapped ? ['The session has more events than a file holds; the later ones are left out.'] : []),
    ],
  };
}

function eventIn(line: string): InspectedJournalEvent | null {
  const read = inspectedJournalEventSchema.safeParse(jsonOrNull(line));
  return read.success && isEventName(read.data.event.type) ? read.data : null;
}

function countOf(events: number): string {
  return events === 1 ? '1 event' : `${events.toLocaleString('en')} events`;
}

export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
