/**
 * Sends a body of known length no faster than its reader takes it: the next chunk is asked for when the transport has
 * taken the one before, so memory holds one chunk (SPEC [FIL14]).
 */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { wakeableDelay } from './wakeable-delay.ts';

/** What it uses of a response of uWebSockets.js. */
export type PacedResponse = {
  readonly cork: (run: () => void) => unknown;
  /** Takes what it has room for; returns whether that was everything, and whether the answer is complete. */
  readonly tryEnd: (chunk: Uint8Array, length: number) => [isTaken: boolean, isOver: boolean];
  /** How much of the body was taken. */
  readonly getWriteOffset: () => number;
  readonly onWritable: (handler: () => boolean) => unknown;
  readonly close: () => unknown;
};

export type PacedBody = {
  /** Called when the reader has gone: the response must not be used any more. */
  readonly gone: () => void;
  /**
   * Resolves when everything was given to the transport, or nobody is left to take it. Rejects when `chunks` does or
   * has too few bytes: the connection is then cut, since the announced length cannot be kept.
   */
  readonly ended: Promise<void>;
};

/** `res` has its status and headers, and no length yet. `length` is at least 1. */
export function sendPaced(
  res: PacedResponse,
  body: { readonly length: number; readonly chunks: AsyncIterable<Uint8Array> },
  after: Clock['after'],
): PacedBody {
  const { length, chunks } = body;
  let isGone = false;
  /** Ends when the transport has room again, the reader has gone, or it is time to look. */
  const delay = wakeableDelay(after);

  /**
   * Sends one chunk, which begins at `position` of the body. The transport cuts off whoever does not make room within
   * some seconds, and a slow reader's buffer may take longer: so it is tried again before, and only a reader that has
   * taken nothing for `fileStallMsMax` is cut off.
   */
  async function send(chunk: Uint8Array, position: number): Promise<void> {
    let stalledMs = 0;
    for (let taken = 0; !isGone && taken < chunk.length; ) {
      let isTaken = false;
      let isOver = false;
      res.cork(() => {
        [isTaken, isOver] = res.tryEnd(taken === 0 ? chunk : chunk.subarray(taken), length);
      });
      if (isTaken || isOver) return;
      const now = res.getWriteOffset() - position;
      stalledMs = now > taken ? 0 : stalledMs;
      taken = now;
      if (stalledMs >= limits.fileStallMsMax) {
        isGone = true;
        res.close();
        return;
      }
      await delay.wait(limits.fileRetryMs);
      stalledMs += limits.fileRetryMs;
    }
  }

  async function sendAll(): Promise<void> {
    let position = 0;
    try {
      for await (const chunk of chunks) {
        await send(chunk, position);
        if (isGone) return;
        position += chunk.length;
      }
      if (position < length) throw new Error(`the body ends after ${position} of ${length} bytes`);
    } catch (error) {
      if (isGone) return;
      isGone = true;
      res.close();
      throw error;
    }
  }

  res.onWritable(() => {
    delay.wake();
    return true;
  });
  return {
    gone: () => {
      isGone = true;
      delay.wake();
    },
    ended: sendAll(),
  };
}
