/** Keeps a scrolled box at its end while content is added, unless the user has scrolled up to read. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Within this distance of the end the box counts as being at the end, px. */
const nearEndPx = 48;

export type EndFollowing = {
  readonly scroller: RefObject<HTMLElement | null>;
  /** The growing element inside the scrolled box. */
  readonly content: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
};

export function useEndFollowing(): EndFollowing {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follow = useRef(() => {});
  const [isAtEnd, setAtEnd] = useState(true);

  useEffect(() => {
    const { current: frame } = scroller;
    const { current: grows } = content;
    if (frame === null || grows === null) return;
    let isFollowing = true;
    let before = frame.scrollTop;
    const toEnd = () => {
      frame.scrollTop = frame.scrollHeight;
      before = frame.scrollTop;
    };
    const settle = (following: boolean) => {
      isFollowing = following;
      setAtEnd(following);
    };
    const scrolled = () => {
      const isNear = frame.scrollHeight - frame.scrollTop - frame.clientHeight < nearEndPx;
      // Growing content or a shrinking window moves the end away; only the user scrolls up.
      if (isNear) settle(true);
      else if (frame.scrollTop < before) settle(false);
      before = frame.scrollTop;
    };
    follow.current = () => {
      settle(true);
      toEnd();
    };
    const watch = new ResizeObserver(() => {
      if (isFollowing) toEnd();
    });
    watch.observe(frame);
    watch.observe(grows);
    frame.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      watch.disconnect();
      frame.removeEventListener('scroll', scrolled);
    };
  }, []);

  return { scroller, content, isAtEnd, toEnd: () => follow.current() };
}
