/** The data for inspectors: live actors, stored sessions, and their histories. */

import type { Clock, EventLog, ReadModel } from '../../actors/ports.ts';
import type { HistoryQuery } from '../../actors/replay/history-pages.ts';
import { ReplaySandbox } from '../../actors/replay/replay-sandbox.ts';
import { readWaking } from '../../actors/sessions/recovery.ts';
import { contextOf } from '../../actors/watch/actor-state.ts';
import { actorsFrom, sessionPath, viewOf } from '../../actors/watch/actor-tree.ts';
import type { LiveActors } from '../../actors/watch/live-actors.ts';
import { operatorCommands, sessionSnapshotOf } from '../../actors/watch/operator-commands.ts';
import type { ActorView } from '../../schema/actor-view.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { RecordingPage } from '../../schema/recording.ts';
import type { SessionHistory } from '../../schema/session-history.ts';
import type { InspectedJournal } from '../../schema/session-journal.ts';
import { shownContext } from '../../schema/shown-json.ts';
import type { InspectedSession } from '../../schema/wire/inspect-frame.ts';
import type { RecordingTemplate } from '../pages/recording-page.ts';
import { Inspectors } from './inspectors.ts';
import { type RecordingsQuery, recordingsPage } from './recordings.ts';
import { replayedSession } from './replayed-sessions.ts';
import { journalPage } from './session-journal.ts';
import { type SessionRecording, sessionRecording } from './session-recording.ts';

export type Inspection = {
  readonly inspectors: Pick<Inspectors, 'subscribe' | 'unsubscribe' | 'focus' | 'stop'>;
  /**
   * The session as it is or, if it is not in memory, as it would wake; `undefined`: there is none. Rejects with
   * `JournalUnavailable`.
   */
  readonly session: (id: SessionId) => Promise<InspectedSession | undefined>;
  /**
   * The asked steps; `undefined`: there is neither a session nor an event of one. Rejects
   * with `JournalUnavailable`.
   */
  readonly history: (id: SessionId, page: HistoryQuery) => Promise<SessionHistory | undefined>;
  /** Events whose `seq` is greater than `after`, with what led to them; otherwise as `history`. */
  readonly journal: (
    id: SessionId,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<InspectedJournal | undefined>;
  /** Rejects with `JournalUnavailable`. */
  readonly recordings: (query: RecordingsQuery) => Promise<RecordingPage>;
  /**
   * The session in one HTML file; otherwise as `history`. `unbuilt`: its page cannot be built, and the log says why;
   * `no pages`: this server has none.
   */
  readonly recording: (id: SessionId) => Promise<SessionRecording | 'unbuilt' | 'no pages' | undefined>;
};

export type InspectionOptions = {
  readonly live: LiveActors;
  readonly readModel: ReadModel;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  /** The setting with which clients' frames are made. */
  readonly previewUnitsMax: number;
  /** What is around the data of a recording; `undefined`: this server has no pages. */
  readonly recordingTemplate: (() => Promise<RecordingTemplate | 'failed'>) | undefined;
};

export function createInspection(options: InspectionOptions): Inspection {
  const { live, readModel, eventLog, clock, previewUnitsMax, recordingTemplate } = options;
  return {
    inspectors: new Inspectors(live, clock, previewUnitsMax),
    async session(id) {
      const root = live.find(sessionPath(id));
      const snapshot = sessionSnapshotOf(root);
      if (root !== undefined && snapshot !== undefined) {
        const actors = actorsFrom(root).map((actor) =>
          shownView(viewOf(actor, live.notes), contextOf(actor)),
        );
        return { sessionId: id, live: true, actors, commands: operatorCommands(id, snapshot) };
      }
      return await storedSession(id);
    },
    history: (id, page) => replayedSession({ eventLog, readModel, clock }, id, page),
    recordings: (query) => recordingsPage({ readModel }, query),
    journal: (id, page) => journalPage({ eventLog, readModel }, id, page),
    async recording(id) {
      if (recordingTemplate === undefined) return 'no pages';
      const template = await recordingTemplate();
      if (template === 'failed') return 'unbuilt';
      return await sessionRecording({ eventLog, readModel, clock }, id, template);
    },
  };

  async function storedSession(id: SessionId): Promise<InspectedSession | undefined> {
    const now = clock.now();
    const waking = await readWaking(readModel, id, { now, afterCrash: false });
    if (waking === undefined) return undefined;
    const { session, queue } = waking;
    // Parked: the session is shown with its turns waiting; they do not begin.
    const input = { sessionId: id, agentId: '', stored: { session, queue }, at: now, parked: true };
    const sandbox = new ReplaySandbox(input);
    const { snapshot } = sandbox;
    const actors = sandbox.views().map(({ view, context }) => shownView(view, context));
    const commands = snapshot === undefined ? [] : operatorCommands(id, snapshot);
    sandbox.stop();
    return { sessionId: id, live: false, actors, commands };
  }
}

export function shownView(view: ActorView, context: unknown): ActorView {
  return { ...view, context: shownContext(context) };
}
