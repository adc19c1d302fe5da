/**
 * The `StreamSink` of an endless HTTP answer.
 *
 * uWebSockets.js buffers without bound what the reader of an HTTP answer does not take, and does not say how much:
 * `write` only says that something is left, `getWriteOffset` stays 0 for chunked answers, and with an `onWritable`
 * handler the buffer drains only when that handler writes. So this class keeps waiting frames and counts them, and
 * writes the next chunk only when the transport has room again.
 */
import type { HttpResponse } from 'uWebSockets.js';
import { limits } from '../../../schema/limits.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import type { Epoch } from '../../../schema/wire/cursor.ts';
import type { StreamSink } from '../stream/stream-sink.ts';
import { sseEventText } from './sse-text.ts';

export type SseSinkEvents = {
  /** Called when everything that was written has been sent. */
  readonly drained: () => void;
  /** Called when `close` was. Not called when the reader went away by itself. */
  readonly closed: () => void;
};

export class SseSink implements StreamSink {
  readonly #res: HttpResponse;
  readonly #epoch: Epoch;
  readonly #events: SseSinkEvents;
  #waiting: string[] = [];
  /** UTF-16 units of the frames that wait. */
  #waitingUnits = 0;
  /** Units of the write that the transport could not take whole; 0: the transport has room. */
  #blockedUnits = 0;
  #scheduled = false;
  #over = false;

  constructor(res: HttpResponse, epoch: Epoch, events: SseSinkEvents) {
    this.#res = res;
    this.#epoch = epoch;
    this.#events = events;
    res.onWritable(() => {
      this.#blockedUnits = 0;
      // Writes even when no frame waits: only a write sends what the transport still holds.
      if (this.#waiting.length === 0) this.write(':\n\n');
      this.#flush();
      return true;
    });
  }

  readonly send = (frame: string, seq?: number): void => this.write(sseEventText(this.#epoch, frame, seq));

  readonly bufferedBytes = (): number => this.#waitingUnits + this.#blockedUnits;

  /** Everything sent in one tick leaves together anyway. */
  readonly batch = (run: () => void): void => run();

  /** Cuts off a reader that does not read. Any other gets the waiting frames and then the end, and reconnects. */
  readonly close = (close: CloseCode): void => {
    if (this.#over) return;
    const rest = this.#waiting.join('');
    this.gone();
    this.#events.closed();
    if (close === closeCodes.stalledReader) this.#res.close();
    // Not with `closeConnection`: the transport would write that header into the body.
    else this.#res.cork(() => this.#res.end(`${rest}: ${close.reason}\n\n`));
  };

  /** Sends text of the SSE stream itself, at the end of the tick with everything else written in it. */
  write(text: string): void {
    if (this.#over) return;
    this.#waiting.push(text);
    this.#waitingUnits += text.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Called when the reader has gone: the response must not be used any more. */
  gone(): void {
    this.#over = true;
    this.#waiting = [];
    this.#waitingUnits = 0;
    this.#blockedUnits = 0;
  }

  #flush(): void {
    if (this.#over || this.#waiting.length === 0) return;
    this.#res.cork(() => {
      while (this.#blockedUnits === 0 && this.#waiting.length > 0) {
        const chunk = this.#nextChunk();
        if (!this.#res.write(chunk)) this.#blockedUnits = chunk.length;
      }
    });
    if (this.bufferedBytes() === 0) this.#events.drained();
  }

  #nextChunk(): string {
    let count = 0;
    let units = 0;
    for (const text of this.#waiting) {
      if (count > 0 && units + text.length > limits.sseStreamChunkUnits) break;
      units += text.length;
      count++;
    }
    this.#waitingUnits -= units;
    return this.#waiting.splice(0, count).join('');
  }
}
