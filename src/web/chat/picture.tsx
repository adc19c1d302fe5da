/**
 * A picture whose bytes need the credential, so that an address alone cannot show it. They are read when it comes near the
 * visible part of the page.
 */
import { useEffect, useRef, useState } from 'preact/hooks';

export type PictureProps = {
  /** `''`: it is named beside it. */
  readonly name: string;
  /** `undefined`: it is gone. */
  readonly read: () => Promise<Blob | undefined>;
};

export function Picture({ name, read }: PictureProps) {
  const [address, setAddress] = useState<string>();
  const [isGone, setGone] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const { current: near } = place;
    if (near === null) return;
    let made: string | undefined;
    let isLeft = false;
    const show = async () => {
      const bytes = await read();
      if (isLeft) return;
      if (bytes === undefined) return setGone(true);
      made = URL.createObjectURL(bytes);
      setAddress(made);
    };
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        watch.disconnect();
        void show();
      },
      { rootMargin: '400px' },
    );
    watch.observe(near);
    return () => {
      isLeft = true;
      watch.disconnect();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, []);
  return (
    <span class="picture" ref={place}>
      {address === undefined ? null : <img src={address} alt={name} onError={() => setGone(true)} />}
      {isGone ? <span class="gone">The picture is not there any more.</span> : null}
    </span>
  );
}
