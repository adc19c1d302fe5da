/**
 * An HTTP answer without end as what carries frames to a reader.
 *
 * uWebSockets.js buffers without bound whatever a reader of an HTTP answer does not take, and does not say how much:
 * `write` only says that something is left, `getWriteOffset` stays 0 for chunked answers, and nothing drains by itself
 * once there is an `onWritable` handler: it must write. So frames wait here, chunk by chunk, until the
 * transport has room again, and what waits is counted here.
 */
import type { HttpResponse } from 'uWebSockets.js';
import { limits } from '../../../schema/limits.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import type { Epoch } from '../../../schema/wire/cursor.ts';
import type { StreamSink } from '../stream/stream-connection.ts';
import { eventText } from './sse-text.ts';

export type SseSinkEvents = {
  /** Everything that was written has left. */
  readonly drained: () => void;
  /** It was closed. Not called when the reader went away by itself. */
  readonly closed: () => void;
};

export class SseSink implements StreamSink {
  readonly #res: HttpResponse;
  readonly #epoch: Epoch;
  readonly #events: SseSinkEvents;
  #waiting: string[] = [];
  /** UTF-16 units of what waits. */
  #waitingUnits = 0;
  /** Units of the write that the transport could not take whole; 0: it has room. */
  #blockedUnits = 0;
  #scheduled = false;
  #over = false;

  constructor(res: HttpResponse, epoch: Epoch, events: SseSinkEvents) {
    this.#res = res;
    this.#epoch = epoch;
    this.#events = events;
    res.onWritable(() => {
      this.#blockedUnits = 0;
      // Even with nothing to say: only a write moves what the transport still holds.
      if (this.#waiting.length === 0) this.write(':\n\n');
      this.#flush();
      return true;
    });
  }

  readonly send = (frame: string, seq?: number): void => this.write(eventText(this.#epoch, frame, seq));

  readonly bufferedBytes = (): number => this.#waitingUnits + this.#blockedUnits;

  /** What is sent in one tick leaves together anyway. */
  readonly batch = (run: () => void): void => run();

  /** A reader that does not read is cut off; any other gets what waits, and the end, after which it reconnects. */
  readonly close = (close: CloseCode): void => {
    if (this.#over) return;
    const rest = this.#waiting.join('');
    this.gone();
    this.#events.closed();
    if (close === closeCodes.stalledReader) this.#res.close();
    // Asked to close the connection too, the transport would write that header into the body.
    else this.#res.cork(() => this.#res.end(`${rest}: ${close.reason}\n\n`));
  };

  /** Text of the event stream itself. Leaves at the end of the tick, with what else was written in it. */
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

  /** The reader has gone: the answer must not be touched any more. */
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
      if (count > 0 && units + text.length > limits.eventStreamChunkUnits) break;
      units += text.length;
      count++;
    }
    this.#waitingUnits -= units;
    return this.#waiting.splice(0, count).join('');
  }
}
