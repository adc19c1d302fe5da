/** The visible part of a drawing: moved by `x`, `y` and scaled by `scale`. */
export type View = { readonly x: number; readonly y: number; readonly scale: number };

export type Size = { readonly width: number; readonly height: number };

const scaleMin = 0.1;
const scaleMax = 4;
const margin = 16;

/** Shows the whole drawing, centred, never enlarged. */
export function fittedView(drawing: Size, frame: Size): View {
  const room = {
    width: Math.max(1, frame.width - 2 * margin),
    height: Math.max(1, frame.height - 2 * margin),
  };
  const scale = clamped(Math.min(1.15, room.width / drawing.width, room.height / drawing.height));
  return {
    scale,
    x: (frame.width - drawing.width * scale) / 2,
    y: (frame.height - drawing.height * scale) / 2,
  };
}

/** Scales by `factor`; the point at `x`, `y` of the frame stays where it is. */
export function zoomed(view: View, factor: number, at: { readonly x: number; readonly y: number }): View {
  const scale = clamped(view.scale * factor);
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export function panned(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

function clamped(scale: number): number {
  return Math.min(scaleMax, Math.max(scaleMin, scale));
}
