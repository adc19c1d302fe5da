/** A session in one HTML file, which shows it without a server (SPEC INS). */
import type { Clock, EventLog, ReadModel } from '../../actors/ports.ts';
import { machinesVersion } from '../../machines/machines-version.ts';
import { titledFileName } from '../../schema/file.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { InspectedJournal } from '../../schema/session-journal.ts';
import {
  type RecordingEnd,
  type RecordingHead,
  recordingFormat,
  recordingParts,
} from '../../schema/session-recording.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { version } from '../config/version.ts';
import { embeddedJson, jsonElement } from '../pages/embedded.ts';
import type { RecordingTemplate } from '../pages/recording-page.ts';
import { journalPage } from './session-journal.ts';

export type SessionRecording = {
  /** The file's. */
  readonly name: string;
  /** The text of the file; rejects with `JournalUnavailable`. */
  readonly pieces: AsyncIterable<string>;
};

export type RecordingPorts = {
  readonly eventLog: EventLog;
  readonly readModel: Pick<ReadModel, 'session'>;
  readonly clock: Clock;
};

/** `undefined`: there is neither a session nor an event of one. Rejects with `JournalUnavailable`. */
export async function sessionRecording(
  ports: RecordingPorts,
  sessionId: SessionId,
  template: RecordingTemplate,
): Promise<SessionRecording | undefined> {
  const read = (after: number) =>
    journalPage(ports, sessionId, { after, limit: limits.recordingChunkEvents });
  const first = await read(0);
  if (first === undefined) return undefined;
  const title = (await ports.readModel.session(sessionId))?.title ?? null;
  const head = {
    format: recordingFormat,
    server: version,
    machines: machinesVersion(),
    savedAt: isoTimestamp(ports.clock.now()),
    sessionId,
    title,
  } as const;
  return {
    name: `callboard-${titledFileName(title ?? '', sessionId)}.html`,
    pieces: recordingPieces({ template, head, first, read }),
  };
}

/** `read` returns the page of the journal behind a `seq`. */
export async function* recordingPieces({
  template,
  head,
  first,
  read,
}: {
  readonly template: RecordingTemplate;
  readonly head: RecordingHead;
  readonly first: InspectedJournal;
  readonly read: (after: number) => Promise<InspectedJournal | undefined>;
}): AsyncGenerator<string> {
  yield template.before;
  yield jsonElement(`id="${recordingParts.head}"`, head);
  let [events, units] = [0, 0];
  let capped = false;
  let page: InspectedJournal | undefined = first;
  while (page !== undefined) {
    yield `<script type="application/json" data-part="${recordingParts.events}">\n`;
    for (const event of page.events) {
      const line: string = `${embeddedJson(event)}\n`;
      capped =
        events >= limits.historyEventsMax || (events > 0 && units + line.length > limits.recordingUnitsMax);
      if (capped) break;
      events++;
      units += line.length;
      yield line;
    }
    yield '</script>\n';
    page = capped || page.next === null ? undefined : await read(page.next);
  }
  const end: RecordingEnd = { events, capped };
  yield jsonElement(`id="${recordingParts.end}"`, end);
  yield template.after;
}
