/** The body of an answer, chunk by chunk, with patience that may end. */
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';

/**
 * How long is waited for what may follow, though nothing has to. Only what counts makes it begin again: pings do not, or
 * a stream that never ends would be waited for without end.
 */
export class Grace {
  readonly #clock: Clock;
  readonly #over = Promise.withResolvers<null>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins, or begins again. */
  begin(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(limits.modelFinishGraceMs, () => this.#over.resolve(null));
  }

  /** `undefined`: it has not begun. */
  get over(): Promise<null> | undefined {
    return this.#cancel === undefined ? undefined : this.#over.promise;
  }

  stop(): void {
    this.#cancel?.();
  }
}

export class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(response: Response) {
    this.#reader = response.body?.getReader();
  }

  /** `null`: nothing follows, or not before `over` is. Rejects when the connection breaks. */
  async next(over?: Promise<null> | undefined): Promise<Uint8Array | null> {
    if (this.#reader === undefined) return null;
    const read = this.#reader.read().then(({ value }) => value ?? null);
    return await (over === undefined ? read : Promise.race([over, read]));
  }

  /** Nobody wants more. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }
}

/** The beginning of a body that tells of an error; what of it can be had. */
export async function beginningOf(response: Response, clock: Clock): Promise<string> {
  const source = new ByteSource(response);
  const grace = new Grace(clock);
  grace.begin();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < limits.providerErrorBytesMax) {
      const chunk = await source.next(grace.over);
      if (chunk === null) break;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    // It broke in the middle of its words: those that came are told.
  } finally {
    grace.stop();
  }
  return text;
}
