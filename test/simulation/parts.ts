/** The parts that a mutant may put between the world and the real system. Absent: the real part. */
import type { CommandDoor } from '../../actors/door/command-door.ts';
import type { Outbox } from '../../actors/outbox/outbox.ts';
import type { EventLog, Journal, Publisher, ReadModel } from '../../actors/ports.ts';
import type { ToolBox } from '../../actors/tool-ports.ts';
import type { Authorize } from '../../src/gateway/access/authorize.ts';
import type { ReadSessionAccess, SessionAccesses } from '../../src/gateway/access/session-accesses.ts';
import type { StreamSink } from '../../src/gateway/stream/stream-sink.ts';

export type Parts = {
  /** Receives the actors' emissions instead of the real outbox, which it gets as its argument. */
  readonly accept?: (outbox: Outbox) => Outbox['accept'];
  readonly journal?: (journal: Journal) => Journal;
  readonly readModel?: (readModel: ReadModel) => ReadModel;
  readonly eventLog?: (eventLog: EventLog) => EventLog;
  readonly publisher?: (publisher: Publisher) => Publisher;
  readonly door?: (door: CommandDoor) => CommandDoor;
  readonly sink?: (sink: StreamSink) => StreamSink;
  /** In a guarded world: whose the sessions are and who takes part in them, as the gateway keeps it. */
  readonly accesses?: (read: ReadSessionAccess) => SessionAccesses;
  readonly authorize?: (authorize: Authorize) => Authorize;
  readonly tools?: (tools: ToolBox) => ToolBox;
  /** Default: true. False: a process that starts leaves open turns as they are. */
  readonly recovers?: boolean;
};
