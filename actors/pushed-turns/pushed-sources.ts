/** The sources of the turns that agents push at present, by turn; bounded by the sessions in memory. */
import type { TurnId } from '../../schema/ids.ts';
import type { PushedSource } from './pushed-source.ts';

export class PushedSources {
  readonly #sources = new Map<TurnId, PushedSource>();

  find(turn: TurnId): PushedSource | undefined {
    return this.#sources.get(turn);
  }

  opened(source: PushedSource): void {
    this.#sources.set(source.turnId, source);
  }

  closed(source: PushedSource): void {
    if (this.#sources.get(source.turnId) === source) this.#sources.delete(source.turnId);
  }

  /** The journal has all parts of the turn up to this one. */
  committed(turn: TurnId, received: number): void {
    this.#sources.get(turn)?.committed(received);
  }

  /** The process ends: everything that was received is stored, and nothing more is taken. */
  rest(): void {
    for (const source of this.#sources.values()) source.rest();
  }
}
