/**
 * A socket in memory that behaves like uWebSockets.js: published frames wait for the end of the tick or for the next
 * sent frame, `unsubscribe` first sends those that wait, and `drain` is called when nothing is buffered. The client
 * receives the frames byte by byte, as the test decides.
 */
import type { CloseCode } from '../../schema/wire/close-codes.ts';
import type { Topic } from '../../schema/wire/topic.ts';
import type { StreamSink } from '../../src/gateway/stream/stream-sink.ts';

/** How many published frames wait for the end of the tick; one more, and they are sent at once. */
export const publishedFramesMax = 32;

export class SimulatedNetwork {
  readonly sockets = new Set<SimulatedSocket>();

  readonly publish = (topic: Topic, frame: string | Uint8Array): void => {
    const text = Buffer.from(frame).toString();
    for (const socket of this.sockets) if (socket.isOn(topic)) socket.publish(text);
  };

  tick(): void {
    for (const socket of [...this.sockets]) socket.endTick();
  }
}

export class SimulatedSocket {
  readonly #network: SimulatedNetwork;
  readonly #topics = new Set<Topic>();
  #published: string[] = [];
  #buffer: string[] = [];
  /** How many bytes of the buffer's first frame have been sent. */
  #left = 0;
  #bytes = 0;
  #wasFull = false;
  /** Most bytes that were ever buffered. */
  bytesMax = 0;
  /** The longest frame that it was ever given, bytes. */
  frameMax = 0;
  closed: CloseCode | 'cut' | undefined;
  stalled = false;
  /** Frames of the client that the server has not read. */
  #uplink: ArrayBuffer[] = [];
  /** Set by the test: called with received frames, and with what the server must be told. */
  onFrame: (frame: string) => void = () => {};
  /** … called with each frame when the server gives it away. */
  onGiven: (frame: string) => void = () => {};
  onUplink: (bytes: ArrayBuffer) => void = () => {};
  onDrain: () => void = () => {};
  onGone: () => void = () => {};

  constructor(network: SimulatedNetwork) {
    this.#network = network;
    network.sockets.add(this);
  }

  sink(native: boolean): StreamSink {
    return {
      send: (frame) => {
        if (this.closed !== undefined) throw new Error('sent to a socket that has closed');
        this.onGiven(frame);
        this.#flush();
        this.#put(frame);
      },
      bufferedBytes: () => this.#bytes,
      batch: (run) => run(),
      close: (close) => {
        this.#end(close);
        this.onGone();
      },
      ...(native
        ? {
            topics: {
              subscribe: (topic) => void this.#topics.add(topic),
              unsubscribe: (topic) => {
                this.#flush();
                this.#topics.delete(topic);
              },
            },
          }
        : {}),
    };
  }

  isOn(topic: Topic): boolean {
    return this.#topics.has(topic);
  }

  publish(frame: string): void {
    this.onGiven(frame);
    this.#published.push(frame);
    if (this.#published.length >= publishedFramesMax) this.#flush();
  }

  /** Sends what was published; a reader that is not stalled reads all of it. */
  endTick(): void {
    this.#flush();
    if (!this.stalled) this.deliver(Number.POSITIVE_INFINITY);
  }

  /** Lets the client read so many bytes. */
  deliver(bytes: number): void {
    let left = bytes;
    while (left > 0 && this.closed === undefined) {
      const [frame] = this.#buffer;
      if (frame === undefined) break;
      const taken = Math.min(left, frame.length - this.#left);
      left -= taken;
      this.#left += taken;
      this.#bytes -= taken;
      if (this.#left < frame.length) break;
      this.#buffer.shift();
      this.#left = 0;
      this.onFrame(frame);
    }
    if (this.#bytes === 0 && this.#wasFull && this.closed === undefined) {
      this.#wasFull = false;
      this.onDrain();
    }
  }

  /** Bytes that the server has given and the client has not read. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  /** The client sends a frame. */
  say(frame: object): void {
    if (this.closed === undefined) this.#uplink.push(new TextEncoder().encode(JSON.stringify(frame)).buffer);
  }

  /** The server reads the next frame that the client has sent; false if there is none. */
  hear(): boolean {
    const bytes = this.#uplink.shift();
    if (bytes !== undefined) this.onUplink(bytes);
    return bytes !== undefined;
  }

  /** Breaks the connection: everything under way is lost. */
  cut(): void {
    if (this.closed !== undefined) return;
    this.#end('cut');
    this.onGone();
  }

  #put(frame: string): void {
    this.#buffer.push(frame);
    this.#bytes += frame.length;
    this.#wasFull = true;
    this.bytesMax = Math.max(this.bytesMax, this.#bytes);
    this.frameMax = Math.max(this.frameMax, frame.length);
  }

  #flush(): void {
    const published = this.#published;
    this.#published = [];
    for (const frame of published) this.#put(frame);
  }

  #end(how: CloseCode | 'cut'): void {
    this.closed = how;
    this.#buffer = [];
    this.#published = [];
    this.#uplink = [];
    this.#bytes = 0;
    this.#topics.clear();
    this.#network.sockets.delete(this);
  }
}
