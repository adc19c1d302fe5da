/**
 * Pings to baseline sockets ([WS16]). A baseline socket may be sent no frame but events ([WS3]), and proxies cut
 * connections on which nothing moved for a minute. `callboard.v1` sockets hear heartbeats instead ([V1A7]).
 */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

/** Pings every socket of `sockets` once per `everyMs`, in batches, a tick apart. Returns what stops the pings. */
export function startPings<Socket extends { readonly ping: () => unknown }>(
  sockets: ReadonlySet<Socket>,
  { clock, everyMs }: { readonly clock: Clock; readonly everyMs: Milliseconds },
): () => void {
  let stopped = false;
  let cancel = () => {};
  const round = (waiting: readonly Socket[]): void => {
    if (stopped) return;
    for (const socket of waiting.slice(0, limits.pingBatchSockets)) {
      // A socket that was closed since the round began must not be touched.
      if (sockets.has(socket)) socket.ping();
    }
    const rest = waiting.slice(limits.pingBatchSockets);
    if (rest.length > 0) clock.soon(() => round(rest));
    else next();
  };
  const next = (): void => {
    cancel = clock.after(everyMs, () => round([...sockets]));
  };
  next();
  return () => {
    stopped = true;
    cancel();
  };
}
