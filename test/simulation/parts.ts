/** Where a mutant may put a broken part between the world and the real system. Absent: the part as it is. */
import type { CommandDoor } from '../../actors/door/command-door.ts';
import type { Outbox } from '../../actors/outbox/outbox.ts';
import type { EventLog, Journal, Publisher, ReadModel, ToolBox } from '../../actors/ports.ts';
import type { StreamSink } from '../../src/gateway/stream/stream-connection.ts';

export type Parts = {
  /** Hears what actors emit in place of the real outbox, which it is given. */
  readonly accept?: (outbox: Outbox) => Outbox['accept'];
  readonly journal?: (journal: Journal) => Journal;
  readonly readModel?: (readModel: ReadModel) => ReadModel;
  readonly eventLog?: (eventLog: EventLog) => EventLog;
  readonly publisher?: (publisher: Publisher) => Publisher;
  readonly door?: (door: CommandDoor) => CommandDoor;
  readonly sink?: (sink: StreamSink) => StreamSink;
  readonly tools?: (tools: ToolBox) => ToolBox;
  /** Default: true. False: a process that starts leaves open turns as they are. */
  readonly recovers?: boolean;
};
