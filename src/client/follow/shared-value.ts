/** Values that several handles share: each is followed while it has a handle. */
import { type FollowedHandle, FollowedValue, type Following, type FollowPort } from './followed-value.ts';
import type { SharedSubscriptions } from './shared-subscriptions.ts';

type Shared = {
  readonly value: { readonly close: () => void };
  handles: number;
  /** Takes back the wish to hear of the client's end. */
  forget: () => void;
};

/** The part of a client that values need. */
export type FollowCore = {
  readonly settings: Omit<FollowPort, 'subscriptions'>;
  readonly subscriptions: SharedSubscriptions;
  readonly whenClosed: (end: () => void) => () => void;
};

const valuesOf = new WeakMap<FollowCore, SharedValues>();

/** Follows a value of this client; one that is followed already under the key is shared. */
export function follow<Value>(
  core: FollowCore,
  key: string,
  following: Following<Value>,
): FollowedHandle<Value> {
  let values = valuesOf.get(core);
  if (values === undefined) {
    values = new SharedValues();
    valuesOf.set(core, values);
  }
  const { settings, subscriptions } = core;
  return values.handle(key, () => new FollowedValue(following, { ...settings, subscriptions }), core);
}

class SharedValues {
  readonly #shared = new Map<string, Shared>();

  /** Returns a handle of the value under this key; `make` starts to follow it when there is none yet. */
  handle<Value>(key: string, make: () => FollowedValue<Value>, core: FollowCore): FollowedHandle<Value> {
    const known = this.#shared.get(key);
    // One key always stands for values of one type.
    const value = (known?.value as FollowedValue<Value> | undefined) ?? make();
    const shared: Shared = known ?? { value, handles: 0, forget: () => {} };
    shared.handles++;
    this.#shared.set(key, shared);
    const state = value.shown.reader();
    if (known === undefined) {
      shared.forget = core.whenClosed(() => this.#end(key, shared));
    }
    let isClosed = false;
    return {
      state,
      close: () => {
        state.leave();
        if (isClosed) return;
        isClosed = true;
        shared.handles--;
        if (shared.handles === 0) this.#end(key, shared);
      },
    };
  }

  #end(key: string, shared: Shared): void {
    if (this.#shared.get(key) !== shared) return;
    this.#shared.delete(key);
    shared.forget();
    shared.value.close();
  }
}
