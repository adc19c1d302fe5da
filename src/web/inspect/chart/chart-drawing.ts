/**
 * Turns a placed chart into SVG. Lighting only sets classes, so a live chart is drawn once. The elements that can be
 * lit name their state or transition in `data-state` and `data-transition`.
 */
import type { ChartState } from './chart.ts';
import { anyId, anyText, boxPadding, headHeight, initialId, lineHeight, stateId } from './chart-graph.ts';
import type { Box, PlacedChart, PlacedEdge, Point } from './chart-layout.ts';
import type { StateLine } from './chart-words.ts';
import { type SvgNode, svg } from './svg-node.ts';

const cornerRadius = 8;
const bendRadius = 6;
const arrowId = 'chart-arrow';

/** The chart in a `<g>`, including arrow heads; the caller wraps it in an `<svg>` with a size and a style. */
export function chartDrawing(placed: PlacedChart): SvgNode {
  const states = [...placed.chart.states.values()].map((state) => stateDrawing(placed, state));
  return svg('g', { class: 'chart' }, arrowHead(), ...states, ...placed.edges.map(edgeDrawing));
}

function arrowHead(): SvgNode {
  const size = 9;
  return svg(
    'defs',
    {},
    svg(
      'marker',
      {
        id: arrowId,
        class: 'arrow',
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: size,
        markerHeight: size,
        markerUnits: 'userSpaceOnUse',
        orient: 'auto',
      },
      // For viewers that do not support `context-stroke`.
      svg('path', { d: 'M0,0.5 L7.5,4 L0,7.5 Z', fill: '#80808c' }),
    ),
  );
}

function stateDrawing(placed: PlacedChart, state: ChartState): SvgNode {
  const { path, parent, type } = state;
  const box = placed.boxes.get(stateId(path));
  if (box === undefined) return svg('g');
  const isRegion = parent !== null && placed.chart.states.get(parent)?.type === 'parallel';
  const classes = ['state', type, ...(isRegion ? ['region'] : []), ...(parent === null ? ['root'] : [])];
  const lines = placed.graph.lines.get(path) ?? [];
  return svg(
    'g',
    { class: classes.join(' '), 'data-state': path },
    frame('box', box, 0),
    ...(type === 'final' ? [frame('ring', box, 4)] : []),
    svg('text', { class: 'name', x: box.x + boxPadding, y: box.y + 19 }, state.key),
    ...(lines.length === 0 ? [] : [rule(box)]),
    ...lines.map((line, index) => lineDrawing(line, box, index)),
    ...initialDot(placed.boxes.get(initialId(path))),
    ...anyState(placed.boxes.get(anyId(path))),
  );
}

function frame(name: string, { x, y, width, height }: Box, inset: number): SvgNode {
  return svg('rect', {
    class: name,
    x: x + inset,
    y: y + inset,
    width: width - 2 * inset,
    height: height - 2 * inset,
    rx: cornerRadius - inset,
  });
}

function rule({ x, y, width }: Box): SvgNode {
  return svg('path', { class: 'rule', d: `M${x},${y + headHeight} h${width}` });
}

function lineDrawing(line: StateLine, box: Box, index: number): SvgNode {
  const y = box.y + headHeight + index * lineHeight + 16;
  return svg(
    'g',
    {
      class: `line ${line.kind}`,
      ...(line.transition === null ? {} : { 'data-transition': line.transition }),
    },
    glyph(line.kind, box.x + boxPadding, y),
    svg('text', { x: box.x + boxPadding + 14, y }, line.text),
  );
}

/** The sign for a line's kind: an invoked actor, a handled event, an action. */
function glyph(kind: StateLine['kind'], x: number, y: number): SvgNode {
  const shapes = { invoke: 'M1,-9 L8,-4.5 L1,0 Z', inner: 'M1,-4.5 h7', action: 'M3,-4.5 h3' };
  return svg('path', { class: 'glyph', d: shapes[kind], transform: `translate(${x} ${y})` });
}

function initialDot(box: Box | undefined): SvgNode[] {
  if (box === undefined) return [];
  const radius = box.width / 2 - 1;
  return [
    svg('circle', { class: 'initial', cx: box.x + box.width / 2, cy: box.y + box.height / 2, r: radius }),
  ];
}

function anyState(box: Box | undefined): SvgNode[] {
  if (box === undefined) return [];
  const x = box.x + box.width / 2;
  return [
    svg(
      'g',
      { class: 'any' },
      svg('rect', { x: box.x, y: box.y, width: box.width, height: box.height, rx: box.height / 2 }),
      svg('text', { x, y: box.y + 15, 'text-anchor': 'middle' }, anyText),
    ),
  ];
}

function edgeDrawing(edge: PlacedEdge): SvgNode {
  const { points, label, lines } = edge;
  const transitions = [...new Set(lines.map(({ transition }) => transition))].join('\n');
  return svg(
    'g',
    { class: 'edge', 'data-transitions': transitions },
    svg('path', { class: 'route', d: route(points), 'marker-end': `url(#${arrowId})` }),
    ...(label === null
      ? []
      : [
          svg('rect', { class: 'label', ...label, rx: 5 }),
          ...lines.map(({ transition, text }, index) =>
            svg(
              'text',
              {
                class: 'label-line',
                'data-transition': transition,
                x: label.x + label.width / 2,
                y: label.y + index * lineHeight + 14,
                'text-anchor': 'middle',
              },
              text,
            ),
          ),
        ]),
  );
}

/** A polyline with rounded bends. */
function route(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const steps = rest.map((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) return `L${point.x},${point.y}`;
    const before = towards(point, points[index] ?? first);
    const after = towards(point, next);
    return `L${before.x},${before.y} Q${point.x},${point.y} ${after.x},${after.y}`;
  });
  return `M${first.x},${first.y} ${steps.join(' ')}`;
}

/** The point from `from` towards `to` where a rounded bend begins, at most half the way. */
function towards(from: Point, to: Point): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  if (distance === 0) return from;
  const share = Math.min(bendRadius, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
