/**
 * The `StreamSink` of a WebSocket. It is a class because there is one per socket: closures took half a kilobyte each.
 */
import type { WebSocket } from 'uWebSockets.js';
import type { CloseCode } from '../../../schema/wire/close-codes.ts';
import type { Topic } from '../../../schema/wire/topic.ts';
import type { StreamSink } from '../stream/stream-sink.ts';

export class SocketSink<Data> implements StreamSink {
  readonly #ws: WebSocket<Data>;
  readonly #compress: boolean;
  /** False once the socket has closed: a closed socket throws when it is used, so calls then do nothing. */
  #open = true;

  constructor(ws: WebSocket<Data>, compress: boolean) {
    this.#ws = ws;
    this.#compress = compress;
  }

  get topics(): this {
    return this;
  }

  /** Called when the socket has closed. */
  closed(): void {
    this.#open = false;
  }

  send(frame: string): void {
    if (this.#open) this.#ws.send(frame, false, this.#compress);
  }

  bufferedBytes(): number {
    return this.#open ? this.#ws.getBufferedAmount() : 0;
  }

  batch(run: () => void): void {
    if (this.#open) this.#ws.cork(run);
  }

  close({ code, reason }: CloseCode): void {
    if (this.#open) this.#ws.end(code, reason);
  }

  subscribe(topic: Topic): void {
    if (this.#open) this.#ws.subscribe(topic);
  }

  unsubscribe(topic: Topic): void {
    if (this.#open) this.#ws.unsubscribe(topic);
  }
}
