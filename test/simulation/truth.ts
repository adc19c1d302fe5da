/** The system's inner state that an invariant may check, without waiting. */
import type { MemoryTables } from '../fakes/memory-tables.ts';
import type { Reader } from './reader.ts';

export type Truth = {
  /** The rows as committed. */
  readonly tables: MemoryTables;
  readonly readers: readonly Reader[];
  /** Whether the server asks for credentials. */
  readonly isGuarded: boolean;
  /** Sizes of the running process's collections; `undefined`: no process runs. */
  readonly sizes: () => Sizes | undefined;
};

export type Sizes = {
  readonly sessionsLive: number;
  readonly sessionsLiveMax: number;
  readonly backlog: number;
  readonly timers: number;
  readonly connections: number;
};
