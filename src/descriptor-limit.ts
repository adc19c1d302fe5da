/**
 * Connections are bounded below the number of file descriptors that this process may open. At that number itself the
 * system accepts no connection, and opens no file either: clients would hang, and the store would fail.
 */
import { readFileSync } from 'node:fs';
import type { Log } from '../actors/ports.ts';
import { limits } from '../schema/limits.ts';

export type ConnectionBounds = {
  /** WebSockets and SSE streams. */
  readonly connectionsMax: number;
  /** Connections of every kind, those included on which requests come and go. Infinite: unknown, or as many as one likes. */
  readonly transportConnectionsMax: number;
};

/** The bounds of this process; says so in the log when they are lower than {@link limits.connectionsMax}. */
export function connectionBounds(log: Log): ConnectionBounds {
  const descriptors = softDescriptorLimit(processLimits());
  const bounds = boundsFor(descriptors);
  if (bounds.connectionsMax < limits.connectionsMax) {
    log.warn(
      `This process may open ${descriptors} files and connections, so at most ${bounds.connectionsMax} clients can stay connected; ulimit -n raises it`,
    );
  }
  return bounds;
}

/** Keeps descriptors for everything else: {@link limits.descriptorReserve}, but never most of them. */
export function boundsFor(descriptors: number): ConnectionBounds {
  const reserve = Math.min(limits.descriptorReserve, Math.floor(descriptors / 2));
  const least = Math.min(limits.descriptorReserveLeast, Math.floor(descriptors / 4));
  return {
    connectionsMax: Math.max(1, Math.min(limits.connectionsMax, descriptors - reserve)),
    transportConnectionsMax: Math.max(2, descriptors - least),
  };
}

/** The soft limit in the text of `/proc/self/limits`; infinite when it says so, or says nothing about it. */
export function softDescriptorLimit(text: string): number {
  const [, soft] = /^Max open files\s+(\d+)\s/m.exec(text) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Empty on systems other than Linux, which have no such file. */
function processLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
