/** The view with which a chart is first shown: so large that it can be read, and where something is lit. */

import { stateId } from './chart-graph.ts';
import type { Box, PlacedChart } from './chart-layout.ts';
import type { Lighting } from './chart-lighting.ts';
import { fittedView, type Size, type View } from './pan-zoom.ts';

/** The smallest text is then at least 10 pixels high. */
const readableScale = 0.95;
const margin = 16;

/** All of the chart if it can be read, else the part around what is lit. */
export function readableView(placed: PlacedChart, frame: Size, lighting: Lighting): View {
  const whole = fittedView(placed, frame);
  if (whole.scale >= readableScale) return whole;
  return centredOn(litBox(placed, lighting), placed, frame, readableScale);
}

/** The same view while what is lit can be seen in it, else one that shows it. */
export function followedView(view: View, placed: PlacedChart, frame: Size, lighting: Lighting): View {
  const box = litBox(placed, lighting);
  if (box === null || isSeen(box, view, frame)) return view;
  return centredOn(box, placed, frame, view.scale);
}

/** The innermost active states; `null`: none is lit. */
function litBox({ chart, boxes }: PlacedChart, { active }: Lighting): Box | null {
  const inner = [...active].filter(
    (path) => !(chart.children.get(path) ?? []).some((child) => active.has(child.path)),
  );
  const lit = inner.flatMap((path) => (path === '' ? [] : (boxes.get(stateId(path)) ?? [])));
  if (lit.length === 0) return null;
  const x = Math.min(...lit.map((box) => box.x));
  const y = Math.min(...lit.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...lit.map((box) => box.x + box.width)) - x,
    height: Math.max(...lit.map((box) => box.y + box.height)) - y,
  };
}

function isSeen({ x, y, width, height }: Box, view: View, frame: Size): boolean {
  const left = view.x + x * view.scale;
  const top = view.y + y * view.scale;
  // Of a box that is larger than the frame, its beginning.
  const right = left + Math.min(width * view.scale, frame.width / 2);
  const bottom = top + Math.min(height * view.scale, frame.height / 2);
  return left >= 0 && top >= 0 && right <= frame.width && bottom <= frame.height;
}

function centredOn(box: Box | null, drawing: Size, frame: Size, scale: number): View {
  const along = (at: number, length: number, room: number, whole: number): number => {
    if (whole * scale <= room - 2 * margin) return (room - whole * scale) / 2;
    const wanted = length * scale > room ? margin - at * scale : room / 2 - (at + length / 2) * scale;
    return Math.min(margin, Math.max(room - margin - whole * scale, wanted));
  };
  return {
    scale,
    x: along(box?.x ?? 0, box?.width ?? 0, frame.width, drawing.width),
    y: along(box?.y ?? 0, box?.height ?? 0, frame.height, drawing.height),
  };
}
