/** The body of an answer, as it comes, with patience that may end. */
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

/** The connection behind a body. */
export type ByteFlow = {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Nobody wants more. */
  readonly stop: () => void;
};

/**
 * Bytes that a connection pushes, for one reader that pulls. What has come by the time it pulls, it gets at once: events
 * that one read of the connection brought are handled together.
 */
export class ByteSource {
  readonly #flow: ByteFlow;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #isPaused = false;
  #ended: { readonly cause: Error | undefined } | undefined;
  #waiting: PromiseWithResolvers<Uint8Array | null> | undefined;

  constructor(flow: ByteFlow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= limits.providerHeldBytesMax && !this.#isPaused) {
      this.#isPaused = true;
      this.#flow.pause();
    }
    // The reader goes on when this read of the connection is through, and then takes all that it brought.
    this.#waiting?.resolve(null);
  }

  /** `cause`: why it broke; nothing follows. */
  end(cause?: Error): void {
    this.#ended ??= { cause };
    this.#waiting?.resolve(null);
  }

  /** `null`: nothing follows, or not before `over` is. Rejects when the connection breaks. */
  async next(over?: Promise<null> | undefined): Promise<Uint8Array | null> {
    if (this.#chunks.length === 0 && this.#ended === undefined) {
      this.#waiting = Promise.withResolvers();
      await (over === undefined ? this.#waiting.promise : Promise.race([over, this.#waiting.promise]));
      this.#waiting = undefined;
    }
    const bytes = this.#taken();
    if (bytes === null && this.#ended?.cause !== undefined) throw this.#ended.cause;
    return bytes;
  }

  stop(): void {
    this.#flow.stop();
  }

  #taken(): Uint8Array | null {
    const chunks = this.#chunks;
    const [first] = chunks;
    if (first === undefined) return null;
    this.#chunks = [];
    this.#held = 0;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#flow.resume();
    }
    return chunks.length === 1 ? first : Buffer.concat(chunks);
  }
}

/** The beginning of a body that tells of an error; what of it can be had. */
export async function beginningOf(source: ByteSource, clock: Clock): Promise<string> {
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
