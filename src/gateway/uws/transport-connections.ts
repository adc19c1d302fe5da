/** Bounds the connections of the transport, those included on which no request ever comes. */
import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';

export type TransportConnections = {
  /** Call it for each WebSocket that closes: the transport reports the ends of other connections alone. */
  readonly socketClosed: () => void;
};

/** A connection over the bound is closed at once. Call this before the app listens. */
export function boundTransportConnections(app: TemplatedApp, most: number): TransportConnections {
  let open = 0;
  /** `change`: 1 for a new connection, -1 for one that ended. */
  const counted = (res: HttpResponse, change: unknown): void => {
    open += Number(change);
    // Closing it is reported like every other end, from within this call.
    if (change === 1 && open > most) res.close();
  };
  if (most !== Number.POSITIVE_INFINITY) app.filter(counted);
  return { socketClosed: () => void open-- };
}
