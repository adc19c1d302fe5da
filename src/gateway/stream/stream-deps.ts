/** What all connections share. */
import type { Clock, EventLog, Log } from '../../../actors/ports.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { PrincipalConnection } from '../access/principal-connections.ts';
import type { EndedConnection } from '../authentication/authenticated-connections.ts';
import type { CatchUp } from './catch-up.ts';
import type { HotWindow } from './hot-window.ts';
import type { InFlight } from './in-flight.ts';
import type { StreamBounds } from './stream-bounds.ts';
import type { Topics } from './topics.ts';

export type StreamDeps = {
  readonly topics: Topics;
  readonly hot: HotWindow;
  readonly inFlight: InFlight;
  readonly catchUp: CatchUp;
  readonly eventLog: EventLog;
  readonly flush: () => void;
  /** Finds out whose the sessions are, so that a reach can tell. Rejects with `JournalUnavailable`. */
  readonly know: (sessions: Iterable<SessionId>) => Promise<void>;
  /** Called when a connection is closed; perhaps several times. */
  readonly left: (connection: PrincipalConnection & EndedConnection) => void;
  readonly bounds: StreamBounds;
  readonly clock: Clock;
  readonly log: Log;
};
