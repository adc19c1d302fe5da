/** Lets the user move a view with the mouse, one or two fingers, the wheel and keys. */
import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { panned, type View, zoomed } from './pan-zoom.ts';

const keyStep = 40;
const keyZoom = 1.25;

type Point = { readonly x: number; readonly y: number };

export function usePanZoom(frame: RefObject<SVGSVGElement | null>, view: Signal<View>, fit: () => void) {
  const fingers = useRef(new Map<number, Point>());

  const placeIn = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = frame.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const zoomBy = (factor: number) => {
    const box = frame.current?.getBoundingClientRect();
    view.value = zoomed(view.value, factor, { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) / 2 });
  };

  // The listener must not be passive, or the page would scroll and zoom as well; JSX attributes cannot say that.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      view.value = zoomed(view.value, Math.exp(-event.deltaY * 0.0015), placeIn(event));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  });

  return {
    zoomBy,
    onPointerDown(event: PointerEvent) {
      frame.current?.setPointerCapture(event.pointerId);
      fingers.current.set(event.pointerId, placeIn(event));
    },
    onPointerMove(event: PointerEvent) {
      const before = fingers.current.get(event.pointerId);
      if (before === undefined) return;
      const here = placeIn(event);
      const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
      fingers.current.set(event.pointerId, here);
      if (other === undefined) view.value = panned(view.value, here.x - before.x, here.y - before.y);
      else
        view.value = zoomed(view.value, distance(here, other) / Math.max(1, distance(before, other)), other);
    },
    onPointerUp(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
    },
    onPointerCancel(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const moves: Readonly<Record<string, () => void>> = {
        ArrowLeft: () => {
          view.value = panned(view.value, keyStep, 0);
        },
        ArrowRight: () => {
          view.value = panned(view.value, -keyStep, 0);
        },
        ArrowUp: () => {
          view.value = panned(view.value, 0, keyStep);
        },
        ArrowDown: () => {
          view.value = panned(view.value, 0, -keyStep);
        },
        '+': () => zoomBy(keyZoom),
        '=': () => zoomBy(keyZoom),
        '-': () => zoomBy(1 / keyZoom),
        '0': fit,
      };
      const move = moves[event.key];
      if (move === undefined) return;
      move();
      event.preventDefault();
      event.stopPropagation();
    },
  };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
