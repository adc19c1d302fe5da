/**
 * Model rooms: what is known of how much each model takes, learned from its provider: how it counts tokens, beside our
 * estimate, and what it refused as too long. Kept in memory, for the models used last.
 */
import { limits } from '../../schema/limits.ts';

type Known = {
  /** Tokens that the provider counts for one that we estimate. */
  readonly ratio: number;
  /** Estimated tokens of the shortest request that was too long; infinite: none was. */
  readonly refused: number;
  /** Estimated tokens that a request may have for that reason. */
  readonly room: number;
};

const unknown: Known = { ratio: 1, refused: Number.POSITIVE_INFINITY, room: Number.POSITIVE_INFINITY };

/** Refusals without a name of requests that are shorter say nothing of lengths: every model takes so much. */
const guessedTokensMin = 2000;
/** Calls that are estimated shorter than this teach nothing: what a provider adds to every call would count too much. */
const tellingTokensMin = 500;
const ratioMax = 16;
/** A count that is higher is believed at once, one that is lower little by little. */
const fallShare = 0.2;
/** An accepted call for which there was too little room lets the room grow a little … */
const growth = 17 / 16;
/** … up to this share of what was refused. */
const refusedShare = 0.875;

/**
 * @example
 * const rooms = new ModelRooms();
 * rooms.counted('openai/gpt-5', { estimated: 1000, counted: 2000 });
 * rooms.roomOf('openai/gpt-5', 32_000); // 16000
 */
export class ModelRooms {
  readonly #known = new Map<string, Known>();

  /** What a request to `model` may have, in estimated tokens, if it may have `tokensMax` real ones. */
  roomOf(model: string, tokensMax: number): number {
    const { ratio, room } = this.#of(model);
    return Math.min(tokensMax / ratio, room);
  }

  /** The provider counted `counted` tokens in a request; never makes more of a room than our own estimate does. */
  counted(model: string, { estimated, counted }: { estimated: number; counted: number }): void {
    if (estimated < tellingTokensMin) return;
    const known = this.#of(model);
    const seen = Math.min(ratioMax, Math.max(1, counted / estimated));
    const ratio = seen > known.ratio ? seen : known.ratio + (seen - known.ratio) * fallShare;
    this.#note(model, { ...known, ratio });
  }

  /** A request was too long, certainly or perhaps; the next may have half of it. */
  refused(model: string, { estimated, isCertain }: { estimated: number; isCertain: boolean }): void {
    if (!isCertain && estimated < guessedTokensMin) return;
    const known = this.#of(model);
    this.#note(model, {
      ...known,
      // A guess that was wrong is outgrown.
      refused: isCertain ? Math.min(known.refused, estimated) : known.refused,
      room: Math.min(known.room, estimated / 2),
    });
  }

  /** `isCut`: with more room there would have been more in the request. */
  accepted(model: string, { estimated, isCut }: { estimated: number; isCut: boolean }): void {
    const known = this.#of(model);
    if (known.room === Number.POSITIVE_INFINITY || !isCut) return;
    const refused = Math.max(known.refused, estimated / refusedShare);
    const room = Math.max(known.room, Math.min(known.room * growth, refused * refusedShare));
    this.#note(model, { ...known, refused, room });
  }

  #of(model: string): Known {
    return this.#known.get(model) ?? unknown;
  }

  /** The model used last goes last; the first is forgotten when there are too many. */
  #note(model: string, known: Known): void {
    this.#known.delete(model);
    this.#known.set(model, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.modelRoomsMax && oldest !== undefined) this.#known.delete(oldest);
  }
}
