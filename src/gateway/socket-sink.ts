/** A WebSocket as what carries frames to a reader. */
import type { WebSocket } from 'uWebSockets.js';
import type { StreamSink } from './stream-connection.ts';

/** `isOpen`: a socket that has closed throws when it is touched, so that then nothing is done. */
export function socketSink<Data>(
  ws: WebSocket<Data>,
  { isOpen, compress }: { readonly isOpen: () => boolean; readonly compress: boolean },
): StreamSink {
  return {
    send: (frame) => {
      if (isOpen()) ws.send(frame, false, compress);
    },
    bufferedBytes: () => (isOpen() ? ws.getBufferedAmount() : 0),
    batch: (run) => {
      if (isOpen()) ws.cork(run);
    },
    close: ({ code, reason }) => {
      if (isOpen()) ws.end(code, reason);
    },
    topics: {
      subscribe: (topic) => {
        if (isOpen()) ws.subscribe(topic);
      },
      unsubscribe: (topic) => {
        if (isOpen()) ws.unsubscribe(topic);
      },
    },
  };
}
