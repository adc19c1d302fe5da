/**
 * The browser's side of an AI SDK chat over raw TCP: a question is a POST, its answer the body of the response, events
 * in chunks. Reads the texts without parsing: texts of a run contain no character that JSON escapes.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../process/monotonic.ts';

export type UiStreamOptions = {
  readonly port: number;
  readonly path: string;
  /** `bytes` is valid until the listener returns. */
  readonly onText: (bytes: Buffer, start: number, end: number) => void;
  readonly onRead: (atMs: number) => void;
};

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const deltaKey = Buffer.from('"type":"text-delta"');
const textKey = Buffer.from('"delta":"');
const quote = '"'.charCodeAt(0);

export class UiStreamConnection {
  /** Bytes received, and texts. */
  bytes = 0;
  frames = 0;
  ended: string | undefined;
  readonly #options: UiStreamOptions;
  readonly #socket: Socket;
  readonly #open = Promise.withResolvers<void>();
  /** What came behind the last text: the next one may have begun. */
  #carry: Buffer = Buffer.alloc(0);
  #stalled = false;

  private constructor(options: UiStreamOptions) {
    this.#options = options;
    this.#socket = connect({
      port: options.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(readBuffer.subarray(0, length));
          return !this.#stalled;
        },
      },
    });
    this.#socket.on('connect', this.#open.resolve);
    this.#socket.on('error', (cause) => this.#end(cause.message));
    this.#socket.on('close', () => this.#end('closed'));
  }

  static async open(options: UiStreamOptions): Promise<UiStreamConnection> {
    const connection = new UiStreamConnection(options);
    await connection.#open.promise;
    return connection;
  }

  ask(content: string): void {
    const { port, path } = this.#options;
    const message = { id: randomUUID(), role: 'user', parts: [{ type: 'text', text: content }] };
    const body = JSON.stringify({ id: randomUUID(), trigger: 'submit-message', messages: [message] });
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    this.#socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }

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
  }

  #end(reason: string): void {
    this.ended ??= reason;
    this.#open.promise.catch(() => {});
    this.#open.reject(new Error(`${this.#options.path}: ${reason}`));
  }

  #read(chunk: Buffer): void {
    const atMs = monotonicMs();
    this.bytes += chunk.length;
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const read = this.#texts(bytes);
    this.#carry = Buffer.from(bytes.subarray(read));
    this.#options.onRead(atMs);
  }

  /** Passes on whole texts; returns where the last one ended. */
  #texts(bytes: Buffer): number {
    for (let at = 0; ; ) {
      const key = bytes.indexOf(deltaKey, at);
      const text = key < 0 ? -1 : bytes.indexOf(textKey, key);
      const start = text + textKey.length;
      const end = text < 0 ? -1 : bytes.indexOf(quote, start);
      if (end < 0) return at;
      this.frames++;
      this.#options.onText(bytes, start, end);
      at = end;
    }
  }
}
