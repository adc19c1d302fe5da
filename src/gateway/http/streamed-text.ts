/**
 * Sends text of unknown length no faster than its reader takes it: the next piece is asked for when the transport has
 * taken the one before, so memory holds one chunk (SPEC [TRN2]).
 *
 * uWebSockets.js takes whatever it is given and keeps it, says only whether something is left, and sends what is left
 * when it is given more. It also cuts off whoever is given nothing for 10 s. So of each chunk a few bytes are held back,
 * to be given one by one while the reader is slow.
 */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { isHighSurrogate, isLowSurrogate } from '../../../schema/text.ts';
import { wakeableDelay } from './wakeable-delay.ts';

/** What it uses of a response of uWebSockets.js. */
export type StreamedResponse = {
  readonly cork: (run: () => void) => unknown;
  /** Returns whether everything that it was ever given has been sent. */
  readonly write: (chunk: Uint8Array) => boolean;
  readonly onWritable: (handler: () => boolean) => unknown;
  readonly end: (last: Uint8Array) => unknown;
  readonly close: () => unknown;
};

export type StreamedText = {
  /** Called when the reader has gone: the response must not be used any more. */
  readonly gone: () => void;
  /**
   * Resolves when everything was given to the transport, or nobody is left to take it. Rejects when `pieces` does: the
   * connection is then closed without the chunk that ends the answer, so the reader knows that it is not whole.
   */
  readonly ended: Promise<void>;
};

/** `res` has its status and headers. */
export function sendStreamed(
  res: StreamedResponse,
  pieces: AsyncIterable<string>,
  after: Clock['after'],
): StreamedText {
  let isGone = false;
  /** Ends when the transport has room, the reader has gone, or it is time to offer more. */
  const delay = wakeableDelay(after);

  function write(bytes: Uint8Array): boolean {
    let isSent = false;
    res.cork(() => {
      isSent = res.write(bytes);
    });
    return isSent;
  }

  /** Sends the bytes but for those that it returns, which come before the next ones. */
  async function send(bytes: Buffer): Promise<Buffer> {
    const kept = Math.max(0, bytes.length - limits.transcriptProbeBytes);
    let isSent = kept === 0 || write(bytes.subarray(0, kept));
    let rest = bytes.subarray(kept);
    for (let stalledMs = 0; !isSent && !isGone; stalledMs += limits.transcriptRetryMs) {
      if (stalledMs >= limits.transcriptStallMsMax || rest.length <= 1) {
        isGone = true;
        res.close();
        return rest;
      }
      await delay.wait(limits.transcriptRetryMs);
      if (isGone) return rest;
      isSent = write(rest.subarray(0, 1));
      rest = rest.subarray(1);
    }
    return rest;
  }

  async function sendAll(): Promise<void> {
    try {
      let rest: Buffer = Buffer.alloc(0);
      for await (const chunk of chunksOf(pieces)) {
        rest = await send(Buffer.concat([rest, Buffer.from(chunk)]));
        if (isGone) return;
      }
      res.cork(() => res.end(rest));
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

/** Pieces joined to chunks of `transcriptChunkUnits`, and cut into such. */
async function* chunksOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let waiting = '';
  for await (const piece of pieces) {
    waiting += piece;
    while (waiting.length >= limits.transcriptChunkUnits) {
      // A pair of surrogates is one character, which must not be encoded by halves.
      const end = limits.transcriptChunkUnits - (isCutPair(waiting, limits.transcriptChunkUnits) ? 1 : 0);
      yield waiting.slice(0, end);
      waiting = waiting.slice(end);
    }
  }
  if (waiting !== '') yield waiting;
}

function isCutPair(text: string, at: number): boolean {
  return isHighSurrogate(text.charCodeAt(at - 1)) && isLowSurrogate(text.charCodeAt(at));
}
