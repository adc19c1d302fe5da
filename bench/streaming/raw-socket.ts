/** A WebSocket as raw TCP: it counts bytes and frames and parses nothing, so that the client is no bottleneck. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type RawSocket = {
  readonly socket: Socket;
  /** What came first, up to some hundred bytes: `hello`. */
  readonly start: () => string;
  /** Bytes after the handshake. */
  readonly bytes: () => number;
  /** Resolves when at least this many bytes have come. */
  readonly until: (bytes: number) => Promise<void>;
  /** Resolves when what comes holds `text` (frames are not reassembled: it must be short and rare). */
  readonly untilText: (text: string) => Promise<void>;
};

export async function openRawSocket(
  port: number,
  path: string,
  subprotocol?: string,
  options: { readonly compress?: boolean } = {},
): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(options.compress === true ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []),
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let head = '';
  let bytes = 0;
  let opened = false;
  let tail = '';
  let start = '';
  const { promise: open, resolve, reject } = Promise.withResolvers<void>();
  let waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  socket.on('data', (chunk: Buffer) => {
    if (opened) {
      bytes += chunk.length;
      if (start.length < 512) start += chunk.toString('latin1');
      if (waiting.length === 0) return;
      tail = `${tail.slice(-256)}${chunk.toString('latin1')}`;
    } else {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 101')) return reject(new Error(head.slice(0, 200)));
      opened = true;
      bytes = head.length - end - 4;
      tail = head.slice(end + 4);
      start = tail;
      resolve();
    }
    waiting = waiting.filter((each) => {
      if (!each.holds()) return true;
      each.resolve();
      return false;
    });
  });
  socket.on('error', reject);
  await open;
  const until = (holds: () => boolean) =>
    new Promise<void>((done) => {
      if (holds()) done();
      else waiting.push({ holds, resolve: done });
    });
  return {
    socket,
    start: () => start,
    bytes: () => bytes,
    until: (wanted) => until(() => bytes >= wanted),
    untilText: (text) => until(() => tail.includes(text)),
  };
}
