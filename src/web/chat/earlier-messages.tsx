/** Shows earlier messages: when it comes into sight, or by itself as a button. */
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';

export function EarlierMessages(props: {
  /** Index of the first message that is shown: when it has changed, the button may still be in sight. */
  readonly from: number;
  readonly onMore: () => void;
}) {
  const { from, onMore } = props;
  const button = useRef<HTMLButtonElement>(null);
  const more = useRef(onMore);
  more.current = onMore;
  useEffect(() => {
    const { current } = button;
    if (current === null) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) more.current();
    });
    watch.observe(current);
    return () => watch.disconnect();
  }, [from]);
  return (
    <p class="earlier">
      <Button look="quiet" focus={button} onClick={onMore}>
        Earlier messages
      </Button>
    </p>
  );
}
