/** Values that several handles share: kept right while there is a handle of them. */
import type { FollowedHandle, FollowedValue } from './followed-value.ts';

type Shared = { readonly value: { readonly close: () => void }; handles: number };

export class SharedValues {
  readonly #shared = new Map<string, Shared>();

  /** A handle of what is followed under this key; `make` begins to, if nobody does yet. */
  handle<Value>(key: string, make: () => FollowedValue<Value>): FollowedHandle<Value> {
    const known = this.#shared.get(key);
    // One key always names values of one kind.
    const value = (known?.value as FollowedValue<Value> | undefined) ?? make();
    const shared = known ?? { value, handles: 0 };
    shared.handles++;
    this.#shared.set(key, shared);
    const { part, end } = value.shown.derived((shown) => shown);
    let isClosed = false;
    return {
      state: part,
      close: () => {
        end();
        if (isClosed) return;
        isClosed = true;
        shared.handles--;
        if (shared.handles > 0 || this.#shared.get(key) !== shared) return;
        this.#shared.delete(key);
        value.close();
      },
    };
  }

  close(): void {
    for (const { value } of this.#shared.values()) value.close();
    this.#shared.clear();
  }
}
