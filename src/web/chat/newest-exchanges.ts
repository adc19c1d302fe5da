/**
 * Which exchanges of a conversation are in the page: the newest at once, some earlier ones in slices, the others when the
 * user asks for them or a message of them is sought.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { queueSlice } from '../design/slices.ts';
import type { ShownExchange } from './shown-exchanges.ts';

const shownAtOnce = 8;
/** So many follow by themselves, slice by slice. */
const shownUnasked = 150;
/** With each *Earlier messages*. */
const shownMore = 50;

export type NewestExchanges = {
  /** Index of the first that is in the page. */
  readonly from: number;
  /** Shows earlier ones; there are some if `from` is not 0. */
  readonly more: () => void;
  /** Whether earlier ones follow by themselves. */
  readonly isBusy: boolean;
};

export function useNewest(exchanges: readonly ShownExchange[], sought: string | undefined): NewestExchanges {
  const [shown, setShown] = useState(shownAtOnce);
  // What is said meanwhile pushes nothing out at the other end.
  const added = useRef(0);
  const before = useRef(exchanges.length);
  if (before.current > 0) added.current += Math.max(0, exchanges.length - before.current);
  before.current = exchanges.length;
  const count = shown + added.current;
  const from = Math.max(0, exchanges.length - count);
  const isBusy = from > 0 && shown < shownUnasked;

  useEffect(
    () => (isBusy ? queueSlice(() => setShown((before) => before + shownAtOnce)) : undefined),
    [isBusy, shown],
  );
  useEffect(() => {
    if (sought === undefined || from === 0) return;
    const at = exchanges.findIndex(({ messages }) => messages.some(({ id }) => id === sought));
    if (at >= 0 && at < from) setShown(exchanges.length - added.current - at + shownAtOnce);
  }, [sought, exchanges.length]);
  return { from, more: () => setShown((before) => before + shownMore), isBusy };
}
