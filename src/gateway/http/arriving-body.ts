/**
 * The body of a request, read while it arrives. The client is held back as long as nobody reads: at most
 * `limits.arrivingBytesMax`, and what the transport had already received, wait in memory ([HTTP25]).
 */
import { limits } from '../../../schema/limits.ts';
import type { Refusal } from '../../../schema/refusal.ts';
import { ArrivedBytes } from './arrived-bytes.ts';
import type { HttpExchange } from './http-exchange.ts';
import { bodyTooLarge } from './request-body.ts';

/**
 * One reader at a time; one that stops early leaves the rest for the next. Rejects with {@link BodyCutOff}.
 */
export type ArrivingBody = AsyncIterable<Buffer> & {
  /** Begins the transport's patience anew: it closes a connection on which little has come for a while. */
  readonly touch: () => void;
};

/** The body will not arrive whole: it is too large, or the client has gone (`refusal` is `null`: nobody is left). */
export class BodyCutOff extends Error {
  override readonly name = 'BodyCutOff';
  readonly refusal: Refusal | null;

  constructor(reason: Refusal | null) {
    super(reason?.message ?? 'The client went away');
    this.refusal = reason;
  }
}

export type ArrivingResponse = {
  readonly onData: (handler: (chunk: ArrayBuffer, isLast: boolean) => void) => unknown;
  readonly pause: () => unknown;
  readonly resume: () => unknown;
};

/** Must be called in the tick in which the request arrived: the transport asks for its handlers there. */
export function arrivingBody(
  res: ArrivingResponse,
  exchange: Pick<HttpExchange, 'header' | 'onGone' | 'over'>,
  bytesMax: number,
): ArrivingBody {
  const arrived = new ArrivedBytes();
  let size = 0;
  let end: 'open' | 'whole' | BodyCutOff = 'open';
  let isPaused = false;
  /** Wakes the reader that waits for more. */
  let wake: (() => void) | null = null;
  /** That reader will be woken in this turn of the event loop. */
  let isWaking = false;

  function wakeNow(): void {
    const waiting = wake;
    wake = null;
    isWaking = false;
    waiting?.();
  }

  /** The transport delivers chunk after chunk of what it received; then all of them are read together. */
  function wakeSoon(): void {
    if (wake === null || isWaking) return;
    isWaking = true;
    setImmediate(wakeNow);
  }

  /** A reader that waited still reads what came in this turn of the event loop; what a busy one left is dropped. */
  function cutOff(reason: Refusal | null): void {
    if (end !== 'open') return;
    end = new BodyCutOff(reason);
    if (isWaking) return;
    arrived.drop();
    wakeNow();
  }

  /** The transport goes on delivering what it had received before. */
  function holdBack(): void {
    if (isPaused || exchange.over()) return;
    isPaused = true;
    res.pause();
  }

  function letCome(): void {
    if (!isPaused || exchange.over()) return;
    isPaused = false;
    res.resume();
  }

  exchange.onGone(() => cutOff(null));
  if (Number(exchange.header('content-length')) > bytesMax) cutOff(bodyTooLarge(bytesMax));
  res.onData((chunk, isLast) => {
    if (end !== 'open' || exchange.over()) return;
    size += chunk.byteLength;
    if (size > bytesMax) return cutOff(bodyTooLarge(bytesMax));
    // It must be copied: uWebSockets.js frees its memory when this returns.
    arrived.add(new Uint8Array(chunk));
    if (isLast) end = 'whole';
    else if (arrived.length >= limits.arrivingBytesMax) holdBack();
    wakeSoon();
  });

  async function* chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = arrived.take();
      if (next !== undefined) {
        if (arrived.length < limits.arrivingBytesMax) letCome();
        yield next;
      } else if (end === 'whole') return;
      else if (end !== 'open') throw end;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  /** The transport has no other way to begin its patience anew. */
  function touch(): void {
    if (isPaused || end !== 'open' || exchange.over()) return;
    res.pause();
    res.resume();
  }
  return { [Symbol.asyncIterator]: chunks, touch };
}

/** Resolves with true when the rest of the body has arrived, and with false when it never will. */
export async function isThrownAway(body: ArrivingBody): Promise<boolean> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    while (!(await chunks.next()).done);
    return true;
  } catch (error) {
    if (!(error instanceof BodyCutOff)) throw error;
    return false;
  }
}
