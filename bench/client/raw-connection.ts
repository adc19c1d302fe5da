/**
 * A WebSocket over raw TCP, without a client library between the kernel and the count. All connections read into one
 * buffer, so that a read allocates nothing; only a frame that a read cuts in two is copied.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../process/monotonic.ts';
import { InflatedFrames } from './inflated-frames.ts';

/** `bytes` is valid until the listener returns. */
export type FrameListener = (bytes: Buffer, start: number, end: number) => void;

export type ConnectionOptions = {
  readonly port: number;
  readonly path: string;
  readonly subprotocol?: string | undefined;
  /** Sent as a bearer token. */
  readonly key?: string;
  /** The address from which the connection is made. */
  readonly localAddress?: string | undefined;
  /** Offers permessage-deflate, as browsers do. */
  readonly compress?: boolean | undefined;
  readonly onFrame: FrameListener;
  /** Called after the frames of one read; `atMs` is when the read was noticed, on the machine's monotonic clock. */
  readonly onRead?: ((atMs: number) => void) | undefined;
};

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const headEnd = Buffer.from('\r\n\r\n');
const opcodes = { text: 1, binary: 2, close: 8, ping: 9 } as const;

export class RawConnection {
  /** Bytes and frames received after the handshake. */
  bytes = 0;
  frames = 0;
  /** Why the connection ended, once it has. */
  ended: string | undefined;
  readonly #options: ConnectionOptions;
  /** What the server compresses; none: it did not agree. */
  #inflated: InflatedFrames | undefined;
  readonly #socket: Socket;
  readonly #open = Promise.withResolvers<void>();
  #upgraded = false;
  /** The start of a frame that has not arrived completely. */
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  #stalled = false;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = connect({
      port: options.port,
      host: '127.0.0.1',
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(length);
          return !this.#stalled;
        },
      },
    });
    this.#socket.on('connect', () => this.#socket.write(handshake(options)));
    this.#socket.on('error', (cause) => this.#end(cause.message));
    this.#socket.on('close', () => this.#end('closed'));
  }

  /** Resolves when the server has accepted the upgrade. */
  static async open(options: ConnectionOptions): Promise<RawConnection> {
    const connection = new RawConnection(options);
    await connection.#open.promise;
    return connection;
  }

  get compressed(): boolean {
    return this.#inflated !== undefined;
  }

  /** Sends a short text frame (masked with zeros, which is legal and costs nothing). */
  send(text: string): void {
    const payload = Buffer.from(text);
    if (payload.length > 125) throw new RangeError('only short frames');
    this.#socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }

  /** Stops reading, so that the server's bytes accumulate. */
  stall(): void {
    this.#stalled = true;
    this.#socket.pause();
  }

  unstall(): void {
    this.#stalled = false;
    this.#socket.resume();
  }

  close(): void {
    this.ended ??= 'closed by the client';
    this.#socket.destroy();
    this.#inflated?.close();
  }

  #end(reason: string): void {
    this.ended ??= reason;
    this.#open.promise.catch(() => {});
    this.#open.reject(new Error(`${this.#options.path}: ${reason}`));
  }

  #read(length: number): void {
    const atMs = monotonicMs();
    if (!this.#upgraded) {
      this.#readHead(readBuffer.subarray(0, length));
    } else {
      this.bytes += length;
      if (this.#carried === 0) this.#keep(readBuffer, this.#frames(readBuffer, length, atMs), length);
      else this.#continue(length, atMs);
    }
    if (this.#upgraded) this.#options.onRead?.(atMs);
  }

  #readHead(chunk: Buffer): void {
    this.#keep(chunk, 0, chunk.length);
    const head = this.#carry.subarray(0, this.#carried);
    const end = head.indexOf(headEnd);
    if (end < 0) return;
    if (!head.toString('latin1', 0, 12).startsWith('HTTP/1.1 101')) {
      this.#end(head.toString('latin1', 0, 200));
      this.#socket.destroy();
      return;
    }
    this.#upgraded = true;
    if (/^sec-websocket-extensions: *permessage-deflate/im.test(head.toString('latin1', 0, end))) {
      this.#inflated = new InflatedFrames((reason) => this.#end(`bad compression: ${reason}`));
    }
    const rest = Buffer.from(head.subarray(end + headEnd.length));
    this.#carried = 0;
    this.bytes = rest.length;
    this.#keep(rest, this.#frames(rest, rest.length, monotonicMs()), rest.length);
    this.#open.resolve();
  }

  /** Handles a read that continues a frame; the frame is parsed only once it is complete. */
  #continue(length: number, atMs: number): void {
    this.#keep(readBuffer, 0, length);
    const carried = this.#carried;
    if (frameEnd(this.#carry, 0, carried) > carried) return;
    const carry = this.#carry;
    const done = this.#frames(carry, carried, atMs);
    carry.copyWithin(0, done, carried);
    this.#carried = carried - done;
  }

  #keep(from: Buffer, start: number, end: number): void {
    if (start === end) return;
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed * 2, 4096));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    from.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }

  /** What it says is read later, and counts as read when it came. */
  #inflate(payload: Uint8Array, compressed: boolean, atMs: number): void {
    this.#inflated?.take(payload, { compressed }, (text) => {
      this.#options.onFrame(text, 0, text.length);
      this.#options.onRead?.(atMs);
    });
  }

  /** Passes complete frames on; returns where the first incomplete one begins. */
  #frames(bytes: Buffer, length: number, atMs: number): number {
    for (let at = 0; ; ) {
      const end = frameEnd(bytes, at, length);
      if (end > length) return at;
      const opcode = (bytes[at] ?? 0) & 15;
      const start = payloadStart(bytes, at);
      if (opcode === opcodes.text || opcode === opcodes.binary) {
        this.frames++;
        if (this.#inflated === undefined) this.#options.onFrame(bytes, start, end);
        else this.#inflate(bytes.subarray(start, end), ((bytes[at] ?? 0) & compressedBit) !== 0, atMs);
      } else if (opcode === opcodes.ping) {
        this.#socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
      } else if (opcode === opcodes.close) {
        this.#end(`closed with ${end - start >= 2 ? bytes.readUInt16BE(start) : 1005}`);
      }
      at = end;
    }
  }
}

/** Of the first byte of a frame. */
const compressedBit = 0x40;

function payloadStart(bytes: Buffer, at: number): number {
  const length = (bytes[at + 1] ?? 0) & 127;
  return at + (length === 126 ? 4 : length === 127 ? 10 : 2);
}

/** Where the frame at `at` ends; infinite while its head is incomplete. */
function frameEnd(bytes: Buffer, at: number, length: number): number {
  if (length - at < 2) return Number.POSITIVE_INFINITY;
  const start = payloadStart(bytes, at);
  if (start > length) return Number.POSITIVE_INFINITY;
  const short = (bytes[at + 1] ?? 0) & 127;
  if (short < 126) return start + short;
  return start + (short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)));
}

function handshake({ port, path, subprotocol, compress, key }: ConnectionOptions): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(compress === true ? ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] : []),
    ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
