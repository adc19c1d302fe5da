/** What an invariant may look at behind the back of the system, without waiting. */
import type { MemoryTables } from '../fakes/memory-tables.ts';
import type { Reader } from './reader.ts';

export type Truth = {
  /** The rows as committed. */
  readonly tables: MemoryTables;
  readonly readers: readonly Reader[];
  /** Sizes of what the running process keeps; `undefined`: none runs. */
  readonly sizes: () => Sizes | undefined;
};

export type Sizes = {
  readonly sessionsLive: number;
  readonly sessionsLiveMax: number;
  readonly backlog: number;
  readonly timers: number;
  readonly connections: number;
};
