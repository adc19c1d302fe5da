/**
 * Which messages of a conversation are in the page: the newest at once, some earlier ones in slices, the others when the
 * user asks for them or one of them is sought.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionMessage } from '../../client/client.ts';
import { queueSlice } from '../design/slices.ts';

const shownAtOnce = 16;
/** So many follow by themselves, slice by slice. */
const shownUnasked = 300;
/** With each *Earlier messages*. */
const shownMore = 100;

export type NewestMessages = {
  /** Index of the first that is in the page. */
  readonly from: number;
  /** Shows earlier ones; there are some if `from` is not 0. */
  readonly more: () => void;
  /** Whether earlier ones follow by themselves. */
  readonly isBusy: boolean;
};

export function useNewest(said: readonly SessionMessage[], sought: string | undefined): NewestMessages {
  const [shown, setShown] = useState(shownAtOnce);
  const added = useRef(0);
  const before = useRef(said.length);
  // What is said meanwhile pushes nothing out at the other end.
  if (before.current > 0) added.current += Math.max(0, said.length - before.current);
  before.current = said.length;
  const from = Math.max(0, said.length - shown - added.current);
  const isBusy = from > 0 && shown < shownUnasked;

  useEffect(
    () => (isBusy ? queueSlice(() => setShown((before) => before + shownAtOnce)) : undefined),
    [isBusy, shown],
  );
  useEffect(() => {
    const at = sought === undefined ? -1 : said.findIndex(({ id }) => id === sought);
    if (at >= 0 && at < from) setShown(said.length - added.current - at + shownAtOnce);
  }, [sought, said.length]);
  return { from, more: () => setShown((before) => before + shownMore), isBusy };
}
