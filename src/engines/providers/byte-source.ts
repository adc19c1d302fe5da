/** The body of an answer, chunk by chunk, with patience that may end. */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';

export class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #clock: Clock;

  constructor(response: Response, clock: Clock) {
    this.#reader = response.body?.getReader();
    this.#clock = clock;
  }

  /** `null`: nothing follows, or not within `waitMs`. Rejects when the connection breaks. */
  async next(waitMs?: Milliseconds | undefined): Promise<Uint8Array | null> {
    if (this.#reader === undefined) return null;
    const read = this.#reader.read().then(({ value }) => value ?? null);
    if (waitMs === undefined) return await read;
    const late = Promise.withResolvers<null>();
    const cancel = this.#clock.after(waitMs, () => late.resolve(null));
    try {
      return await Promise.race([read, late.promise]);
    } finally {
      cancel();
    }
  }

  /** Nobody wants more. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }
}

/** The beginning of a body that tells of an error; what of it can be had. */
export async function beginningOf(response: Response, clock: Clock): Promise<string> {
  const source = new ByteSource(response, clock);
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < limits.providerErrorBytesMax) {
      const chunk = await source.next(limits.modelFinishGraceMs);
      if (chunk === null) break;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    // It broke in the middle of its words: those that came are told.
  }
  return text;
}
