/**
 * A diagram, drawn by Mermaid in a frame that has neither the page's origin nor a network. It has a frame while it is near the
 * visible part of the page, and keeps its height without one.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type FrameDrawing, frameDrawing } from './frame-drawing.ts';
import { type FrameSeeker, framePlaces } from './frame-places.ts';
import { usePageScheme } from './page-scheme.ts';

/** Relative to the page. */
const frameAddress = 'web/diagram.html';
/** A frame is made at this distance from the visible part. */
const nearMargin = '200px';

export type DiagramViewProps = {
  readonly text: string;
  /** False: it is not drawn yet, or the code is shown instead. */
  readonly isShown: boolean;
  readonly onDrawn: () => void;
  /** The text cannot be drawn. */
  readonly onFault: (reason: string) => void;
};

export function DiagramView({ text, isShown, onDrawn, onFault }: DiagramViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const hasPlace = usePlace(place);
  const [height, setHeight] = useState(0);
  return (
    // It keeps the height also while there is no frame.
    <div
      ref={place}
      class={isShown ? 'diagram' : 'diagram not-shown'}
      style={isShown ? { height: `${height}px` } : {}}
    >
      {hasPlace ? (
        <Frame
          text={text}
          onDrawn={(drawn) => {
            setHeight(drawn);
            onDrawn();
          }}
          onFault={onFault}
        />
      ) : null}
    </div>
  );
}

function usePlace(place: { readonly current: HTMLElement | null }): boolean {
  const [hasPlace, setPlace] = useState(false);
  useEffect(() => {
    const { current: element } = place;
    if (element === null) return;
    const seeker: FrameSeeker = { isNear: false, placed: setPlace };
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting === true) framePlaces.near(seeker);
        else framePlaces.away(seeker);
      },
      { rootMargin: nearMargin, scrollMargin: nearMargin },
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      framePlaces.leave(seeker);
    };
  }, []);
  return hasPlace;
}

type FrameProps = {
  readonly text: string;
  readonly onDrawn: (height: number) => void;
  readonly onFault: (reason: string) => void;
};

function Frame({ text, onDrawn, onFault }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const drawing = useRef<FrameDrawing>(undefined);
  const scheme = usePageScheme();
  useEffect(() => {
    const { current: element } = frame;
    if (element === null) return;
    const made = frameDrawing(element, (answer) => {
      if (answer.type === 'drawn') onDrawn(answer.height);
      else onFault(answer.reason);
    });
    drawing.current = made;
    // Only now, so that nothing that it says is missed.
    element.src = frameAddress;
    return made.end;
  }, []);
  useEffect(() => drawing.current?.draw({ type: 'draw', text, scheme }), [text, scheme]);
  return <iframe ref={frame} title="Diagram" sandbox="allow-scripts" referrerpolicy="no-referrer" />;
}
