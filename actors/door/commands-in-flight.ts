/**
 * Named commands under way: a command with the name of one under way gets the first one's answer instead of having a
 * second effect, whichever session or socket it comes through (I10).
 */
import { type Outcome, type Refusal, refused } from '../../schema/refusal.ts';

export class CommandsInFlight {
  readonly #byName = new Map<
    string,
    { readonly fingerprint: string; readonly outcome: Promise<Outcome<unknown>> }
  >();

  /** Runs the command unless one of that name is under way; `conflict` when that one has another fingerprint. */
  run(
    name: { readonly key: string; readonly fingerprint: string },
    conflict: Refusal,
    command: () => Promise<Outcome<unknown>>,
  ): Promise<Outcome<unknown>> {
    const { key, fingerprint } = name;
    const first = this.#byName.get(key);
    if (first !== undefined) {
      return first.fingerprint === fingerprint ? first.outcome : Promise.resolve(refused(conflict));
    }
    const outcome = command().finally(() => this.#byName.delete(key));
    this.#byName.set(key, { fingerprint, outcome });
    return outcome;
  }
}
