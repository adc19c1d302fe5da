/**
 * How much owners have in the store, of one kind. It is read once for each owner and then followed, because the rows of what
 * was deleted would be counted past each time. What is about to be stored counts too, so that none slips through.
 */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import { limits } from '../../schema/limits.ts';

/** Gives back what was admitted. Call it once. */
export type Release = () => void;

export class OwnerCounts {
  /** Rejects with `JournalUnavailable`. */
  readonly #read: (owner: SessionOwner) => Promise<number>;
  /** What is stored, of owners who were asked for; those asked for last are at the end. */
  readonly #stored = new Map<string, number>();
  /** What is about to be stored. */
  readonly #coming = new Map<string, number>();
  readonly #reading = new Map<string, Promise<number>>();
  /** Counts the changes of what is stored, so that a read which one has overtaken is repeated. */
  #changes = 0;

  constructor(read: (owner: SessionOwner) => Promise<number>) {
    this.#read = read;
  }

  /**
   * Lets the owner store so much more, if that leaves no more than `max`; `null`: it does not. Answers at once what it
   * knows, so that commands keep their order. Rejects as the read does.
   */
  admit(owner: SessionOwner, amount: number, max: number): Release | null | Promise<Release | null> {
    const key = ownerKey(owner);
    // Whoever comes later waits for this one, not the reverse.
    const before = this.#coming.get(key) ?? 0;
    const release = this.#hold(key, amount);
    const judge = (stored: number): Release | null => {
      if (stored + before + amount <= max) return release;
      release();
      return null;
    };
    const known = this.#stored.get(key);
    if (known !== undefined) {
      this.#keep(key, known);
      return judge(known);
    }
    return this.#readOnce(owner, key).then(judge, (cause: unknown) => {
      release();
      throw cause;
    });
  }

  /** So much more is stored, or less. */
  changed(owner: SessionOwner, by: number): void {
    this.#changes++;
    const key = ownerKey(owner);
    const stored = this.#stored.get(key);
    if (stored !== undefined) this.#stored.set(key, stored + by);
  }

  /** Counts anew what the owner has, or what everybody has. */
  forget(owner?: SessionOwner): void {
    this.#changes++;
    if (owner === undefined) this.#stored.clear();
    else this.#stored.delete(ownerKey(owner));
  }

  #hold(key: string, amount: number): Release {
    this.#coming.set(key, (this.#coming.get(key) ?? 0) + amount);
    return () => {
      const left = (this.#coming.get(key) ?? 0) - amount;
      if (left > 0) this.#coming.set(key, left);
      else this.#coming.delete(key);
    };
  }

  #readOnce(owner: SessionOwner, key: string): Promise<number> {
    const underWay = this.#reading.get(key);
    if (underWay !== undefined) return underWay;
    const reading = this.#readWhole(owner, key).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #readWhole(owner: SessionOwner, key: string): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#changes;
      const stored = await this.#read(owner);
      if (before === this.#changes) this.#keep(key, stored);
      if (before === this.#changes || attempt >= limits.lookupAttemptsMax) return stored;
    }
  }

  #keep(key: string, stored: number): void {
    this.#stored.delete(key);
    this.#stored.set(key, stored);
    if (this.#stored.size <= limits.countedOwnersMax) return;
    const [oldest] = this.#stored.keys();
    if (oldest !== undefined) this.#stored.delete(oldest);
  }
}
