/**
 * The inspector's socket: the client library's connection, with the frames of the namespace `inspect`. It subscribes to
 * the tree and keeps a focus across reconnects.
 */

import type {
  InspectChanges,
  InspectEvents,
  InspectSnapshot,
} from '../../../../schema/wire/inspect-frame.ts';
import { backoffDefault } from '../../../client/backoff.ts';
import { type CallboardError, errorOfException } from '../../../client/client-error.ts';
import { Connection, type ConnectionState } from '../../../client/connection/connection.ts';
import { systemTimers } from '../../../client/connection/transport.ts';
import { openWebSocket } from '../../../client/connection/websocket-transport.ts';
import type { LiveValue } from '../../../client/live-value.ts';
import { shout } from '../../../client/protocol-violation.ts';
import { isToken } from '../../access/api-key.ts';

export type InspectFrame =
  | { readonly event: 'inspect.snapshot'; readonly data: InspectSnapshot }
  | { readonly event: 'inspect.changes'; readonly data: InspectChanges }
  | { readonly event: 'inspect.events'; readonly data: InspectEvents };

export type InspectConnectionOptions = {
  /** The server's address, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | null;
  readonly heard: (frame: InspectFrame) => void;
  /** Called when the server refuses to let the user inspect. */
  readonly refused: (error: CallboardError) => void;
};

export type InspectConnection = {
  readonly state: LiveValue<ConnectionState>;
  /** From now on receives the events of that actor and all below it; `null`: of none. */
  readonly focus: (actorId: string | null) => void;
  readonly close: () => void;
};

/** Opens a connection to a server that is known, with a credential that is. */
export type OpenInspectConnection = (
  options: Pick<InspectConnectionOptions, 'heard' | 'refused'>,
) => InspectConnection;

/** How every frame of the namespace `inspect` begins; the client library handles all other frames. */
const inspectPrefix = '{"event":"inspect.';

export function openInspectConnection(options: InspectConnectionOptions): InspectConnection {
  const { url, apiKey, heard, refused } = options;
  let focused: string | null = null;
  let frameId = 0;
  const subscribeId = 1;
  const sendFocus = () => {
    connection.send({ event: 'inspect.focus', data: { actorId: focused }, id: ++frameId });
  };
  const token = apiKey !== null && isToken(apiKey) ? apiKey : undefined;
  const query = apiKey === null || token !== undefined ? '' : `?apiKey=${encodeURIComponent(apiKey)}`;
  const connection = new Connection(
    {
      open: (_kind, events) =>
        openWebSocket(`${url.replace(/^http/, 'ws')}/live${query}`, token, WebSocket, {
          ...events,
          text: (text) => {
            if (!text.startsWith(inspectPrefix)) return events.text(text);
            events.alive();
            // The shape of the server's data is trusted, as in the client library.
            heard(JSON.parse(text) as InspectFrame);
          },
        }),
      timers: systemTimers,
      random: Math.random,
      backoff: { ...backoffDefault, maxMs: 5000 },
      // Never falls back to SSE, which does not carry the namespace `inspect`.
      websocketFailuresMax: Number.POSITIVE_INFINITY,
      connectMs: 10_000,
      silenceMs: undefined,
      report: shout,
    },
    {
      live: () => {
        frameId = subscribeId;
        connection.send({ event: 'subscribe', data: { namespaces: ['inspect'] }, id: subscribeId });
        if (focused !== null) sendFocus();
      },
      frame: (frame) => {
        if (frame.kind !== 'control' || frame.frame.event !== 'exception') return;
        if (frame.frame.id === subscribeId) refused(errorOfException(frame.frame.data));
      },
      down: () => {},
      closed: () => {},
    },
  );
  connection.open();
  return {
    state: connection.state,
    focus(actorId) {
      if (focused === actorId) return;
      focused = actorId;
      sendFocus();
    },
    close: () => connection.close(),
  };
}
