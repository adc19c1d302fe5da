/** The inspector's source in the file of a recording: everything is in the file's own document. */
import { signal } from '@preact/signals';
import { HistoryPages } from '../../../../actors/replay/history-pages.ts';
import { machineCharts } from '../../../../machines/charts.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { recordingHeadSchema, recordingParts } from '../../../../schema/session-recording.ts';
import { CallboardError } from '../../../client/client-error.ts';
import type { InspectSource } from '../inspect-source.ts';
import { fragmentAddress } from '../page-address.ts';
import { causedEvents } from '../time/caused-events.ts';
import type { InspectReads } from '../time/inspect-reads.ts';
import { pagePauses } from '../time/page-pauses.ts';
import { jsonOrNull, type RecordedJournal, readRecordedJournal } from './recorded-journal.ts';

/** `null`: the document holds no recording that this page can read. */
export function fileSource(file: Document): InspectSource | null {
  const head = recordingHeadSchema.safeParse(jsonOrNull(partText(file, recordingParts.head) ?? ''));
  if (!head.success) return null;
  const { sessionId } = head.data;
  const remarks = signal<readonly string[]>([]);
  const pause = pagePauses();
  const parts = file.querySelectorAll(`[data-part="${recordingParts.events}"]`);
  const journal = readRecordedJournal(textsOf(parts), partText(file, recordingParts.end), pause);
  void journal.then((read) => {
    remarks.value = read.remarks;
  });
  const pages = journal.then(
    ({ events, isCapped }) => new HistoryPages({ sessionId, events: causedEvents(events), isCapped }, pause),
  );
  return {
    open: () => ({ hasKey: false, reads: fileReads(sessionId, journal, pages), connect: null }),
    address: fragmentAddress(sessionId),
    file: { head: head.data, remarks },
  };
}

/** Only a server has the rest, and nothing in the file asks for it. */
const ofServer = () =>
  Promise.reject(new CallboardError('not_found', 'This file needs no server, and has none'));

function fileReads(
  sessionId: SessionId,
  journal: Promise<RecordedJournal>,
  pages: Promise<HistoryPages>,
): InspectReads {
  return {
    machines: async () => ({ machines: [...machineCharts()] }),
    history: async (_, start, limit) => (await pages).page({ ...start, limit }),
    journal: async (_, after) => {
      const { events } = await journal;
      return { sessionId, events: events.filter(({ seq }) => seq > after), next: null };
    },
    session: ofServer,
    title: ofServer,
    recordings: ofServer,
    troubles: ofServer,
    theme: ofServer,
    recording: ofServer,
    obey: ofServer,
  };
}

function* textsOf(elements: Iterable<Element>): Generator<string> {
  for (const element of elements) yield element.textContent ?? '';
}

export function partText(file: Document, id: string): string | null {
  return file.getElementById(id)?.textContent ?? null;
}
