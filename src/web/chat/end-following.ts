/** Stays at the end of what is scrolled while more of it comes, unless somebody has scrolled up to read. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** This near to the end counts as at the end, px. */
const nearEndPx = 48;

export type EndFollowing = {
  readonly scroller: RefObject<HTMLElement | null>;
  /** What grows, inside of the scroller. */
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
      // Content that grows or a window that shrinks moves the end away; only people move up.
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
