/** The port for keys that the store keeps: whoever makes their secrets, and lets requests in that carry one. */
import type { HeldKey } from '../schema/stored-key.ts';

export type KeyHost = {
  /** A secret that nobody has had before, and its digest. */
  readonly newSecret: () => { readonly secret: string; readonly digest: string };
  /** These are the keys from now on: they are what is committed. */
  readonly offer: (keys: Iterable<HeldKey>) => void;
  /** One of them was made or changed; `forgotten`: another one that is no more. */
  readonly changed: (key: HeldKey, forgotten: HeldKey | undefined) => void;
};
