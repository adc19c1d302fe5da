/** A formula: as it was written until the reader of formulas is there, and for good where it cannot read it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { queueSlice } from '../design/slices.ts';
import type { MathToken } from './math-tokens.ts';

export function MathView({ token }: { readonly token: MathToken }) {
  const { raw, tex, isDisplay } = token;
  const place = useRef<HTMLSpanElement>(null);
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    let isOver = false;
    let takeBack = () => {};
    import('./math-elements.ts').then(
      ({ mathElement }) => {
        if (isOver) return;
        // A text may have thousands.
        takeBack = queueSlice(() => {
          const made = mathElement(tex, isDisplay);
          setRead(made !== undefined);
          place.current?.replaceChildren(...(made === undefined ? [] : [made]));
        }, true);
      },
      // It stays as it was written.
      () => {},
    );
    return () => {
      isOver = true;
      takeBack();
    };
  }, [tex, isDisplay]);
  return (
    <span class={isDisplay ? 'math display' : 'math'} dir="ltr">
      {/* Its children are not this component's. */}
      <span ref={place} />
      {isRead ? null : <code>{raw.trim()}</code>}
    </span>
  );
}
