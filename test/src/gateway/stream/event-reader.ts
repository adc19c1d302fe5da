/** A reader of an SSE stream that shows every line as it came, over a plain socket that it can stop reading. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A block that an `EventSource` would dispatch, or whose id it would only remember. */
export type ReadEvent = {
  readonly id: string | undefined;
  /** Parsed JSON; `undefined` for a block without data. */
  readonly frame: unknown;
  readonly lines: readonly string[];
};

export class EventReader {
  readonly socket: Socket;
  /** Everything before the chunked body, as it came. */
  head = '';
  readonly #events: ReadEvent[] = [];
  readonly #waiting: ((event: ReadEvent | undefined) => void)[] = [];
  #bytes = Buffer.alloc(0);
  #text = '';
  /** The answer ended as HTTP says, with an empty chunk. */
  complete = false;
  #closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes) => this.#take(bytes));
    socket.once('close', () => {
      this.#closed = true;
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
  }

  static async open(
    port: number,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventReader> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const reader = new EventReader(socket);
    const lines = Object.entries({ Host: 'localhost', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    return reader;
  }

  /** The next block; `undefined` when the stream has ended or broken. */
  next(): Promise<ReadEvent | undefined> {
    const event = this.#events.shift();
    if (event !== undefined || this.#closed) return Promise.resolve(event);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next block with a frame. */
  async frame(): Promise<unknown> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) return undefined;
      if (event.frame !== undefined) return event.frame;
    }
  }

  /** Blocks up to and including the first that satisfies `test`, or until the stream ends. */
  async until(test: (event: ReadEvent) => boolean): Promise<readonly ReadEvent[]> {
    const events: ReadEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === undefined) return events;
      events.push(event);
      if (test(event)) return events;
    }
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.head.includes('\r\n\r\n')) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#bytes.toString('latin1', 0, end + 4);
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    for (;;) {
      // The end of the previous chunk, which the server sends with the next one.
      const start = this.#bytes.toString('latin1', 0, 2) === '\r\n' ? 2 : 0;
      const end = this.#bytes.indexOf('\r\n', start);
      if (end < 0) return;
      const length = Number.parseInt(this.#bytes.toString('latin1', start, end), 16);
      if (Number.isNaN(length)) throw new Error('the answer is not chunked');
      if (this.#bytes.length < end + 2 + length) return;
      if (length === 0) this.complete = true;
      this.#read(this.#bytes.toString('utf8', end + 2, end + 2 + length));
      this.#bytes = this.#bytes.subarray(end + 2 + length);
    }
  }

  /** A chunk never splits a character: the server writes whole events. */
  #read(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const value = (field: string) => lines.find((line) => line.startsWith(field))?.slice(field.length);
      const data = value('data: ');
      const frame: unknown = data === undefined ? undefined : JSON.parse(data);
      const event = { id: value('id: '), frame, lines };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#events.push(event);
      else waiting(event);
    }
  }
}
