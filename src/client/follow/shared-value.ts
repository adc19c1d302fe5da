/** Values that several handles share: each is followed while it has a handle. */
import type { FollowedHandle, FollowedValue } from './followed-value.ts';

type Shared = { readonly value: { readonly close: () => void }; handles: number };

export class SharedValues {
  readonly #shared = new Map<string, Shared>();

  /** Returns a handle of the value under this key; `make` starts to follow it when there is none yet. */
  handle<Value>(key: string, make: () => FollowedValue<Value>): FollowedHandle<Value> {
    const known = this.#shared.get(key);
    // One key always stands for values of one type.
    const value = (known?.value as FollowedValue<Value> | undefined) ?? make();
    const shared = known ?? { value, handles: 0 };
    shared.handles++;
    this.#shared.set(key, shared);
    const state = value.shown.reader();
    let isClosed = false;
    return {
      state,
      close: () => {
        state.leave();
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
