/** The parts of one model call, given one by one by a life. */
import type { EnginePart } from '../../../actors/ports.ts';

export class GivenParts {
  readonly #given: (EnginePart | Error)[] = [];
  #wake = () => {};

  give(part: EnginePart | Error): void {
    this.#given.push(part);
    this.#wake();
  }

  /** `null`: nobody wants any more. */
  async next(signal: AbortSignal): Promise<EnginePart | Error | null> {
    while (this.#given.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.#given.shift() ?? null;
  }
}
