/** Frames of a connection whose server may compress: permessage-deflate (RFC 7692), with the window kept between messages. */
import { createInflateRaw } from 'node:zlib';

type Done = (text: Buffer) => void;

const nothing = Buffer.alloc(0);
/** The end of each message, which the sender leaves out. */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

export class InflatedFrames {
  readonly #inflate = createInflateRaw();
  #chunks: Buffer[] = [];

  /** `onError`: the frames are not what the extension says; nothing follows. */
  constructor(onError: (reason: string) => void) {
    this.#inflate.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    this.#inflate.on('error', (cause) => onError(cause.message));
  }

  /**
   * Calls `done` with the text of the frame, after those of earlier frames; a server may leave some as they are. Copies
   * `payload` before it returns.
   */
  take(payload: Uint8Array, { compressed }: { readonly compressed: boolean }, done: Done): void {
    const kept = compressed ? undefined : Buffer.from(payload);
    this.#inflate.write(compressed ? Buffer.concat([payload, tail]) : nothing, () => {
      const text = Buffer.concat(this.#chunks);
      this.#chunks = [];
      done(kept ?? text);
    });
  }

  close(): void {
    this.#inflate.close();
  }
}
