/** A WebSocket to `/live` that speaks `callboard.v1`. */
import type { Transport, TransportEvents } from './transport.ts';

/** What the library uses of a WebSocket: the browser's, Node's and that of `ws` have it. */
export type SocketLike = {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown } & never) => void) | null;
  onclose: ((event: { code: number } & never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
};

export type SocketConstructor = new (url: string, protocols: string) => SocketLike;

/** `v1Subprotocol` of the schema, whose modules bring their validator along. */
const subprotocol = 'callboard.v1';
const openState = 1;

export function openWebSocket(
  url: string,
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
    socket = new Constructor(url, subprotocol);
  } catch {
    // Not allowed to (content policy, mixed content): as good as one that does not open. Later, as for any other.
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
  // What went wrong is said by the close that follows.
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
