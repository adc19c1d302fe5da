/** A WebSocket to `/live` that speaks `callboard.v1`, compact if the server can. */
import type { Transport, TransportEvents } from './transport.ts';

/** The part of the WebSocket interface that the library uses; browsers, Node and `ws` all offer it. */
export type SocketLike = {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown } & never) => void) | null;
  onclose: ((event: { code: number } & never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
};

export type SocketConstructor = new (url: string, protocols: string | string[]) => SocketLike;

/** Equal the subprotocols of the schema, which is not imported because it would bundle the validator as well. */
const subprotocols = ['callboard.v1.compact', 'callboard.v1'];
const openState = 1;

/** `token`: offered beside the subprotocols, so that it is in no URL. */
export function openWebSocket(
  url: string,
  token: string | undefined,
  Constructor: SocketConstructor,
  events: TransportEvents,
): Transport {
  let isOver = false;
  const end = (code: number | undefined): void => {
    if (isOver) return;
    isOver = true;
    events.ended({ code });
  };
  const forget = (): void => {
    isOver = true;
  };
  let socket: SocketLike;
  try {
    socket = new Constructor(
      url,
      token === undefined ? subprotocols : [...subprotocols, `callboard.token.${token}`],
    );
  } catch {
    // The page may not open it (content policy, mixed content). This counts as a socket that did not open, and is
    // reported later, as a network failure would be.
    queueMicrotask(() => end(undefined));
    return { send: () => false, close: forget };
  }
  socket.onopen = () => {
    if (!isOver) events.alive();
  };
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (!isOver) events.text(typeof data === 'string' ? data : '');
  };
  socket.onclose = ({ code }: { code: number }) => end(code);
  // The `close` event that follows says what went wrong.
  socket.onerror = () => {};
  return {
    send: (text) => {
      if (isOver || socket.readyState !== openState) return false;
      socket.send(text);
      return true;
    },
    close: () => {
      forget();
      socket.close(1000);
    },
  };
}
