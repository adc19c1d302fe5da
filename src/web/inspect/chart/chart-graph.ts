/**
 * A chart as a graph for ELK: boxes with their sizes, edges with their labels. All transitions between the same two
 * states become one edge with a line for each.
 */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { type Chart, type ChartState, isInside } from './chart.ts';
import { type StateLine, stateLines, transitionText, transitionWords } from './chart-words.ts';
import { textWidth } from './text-width.ts';

const nameSize = 13;
const lineSize = 11;
export const lineHeight = 16;
export const headHeight = 28;
export const boxPadding = 12;
export const anyText = 'any state';
const dotSize = 12;
const glyphWidth = 14;

type EdgeLine = { readonly transition: string; readonly text: string };

export type ChartEdge = {
  readonly id: string;
  /** Id of a state, of its initial dot, or of its "any state" mark. */
  readonly source: string;
  readonly target: string;
  readonly lines: readonly EdgeLine[];
};

export type GraphOptions = {
  /** Shows entry and exit actions in the boxes. */
  readonly actions: boolean;
  /** The direction in which ELK lays out states, beginning with the initial ones. */
  readonly direction: 'DOWN' | 'RIGHT';
};

export type ChartGraph = {
  readonly edges: readonly ChartEdge[];
  /** By path of the state. */
  readonly lines: ReadonlyMap<string, readonly StateLine[]>;
  /** Paths of states with a transition to a state inside them. */
  readonly anyStates: ReadonlySet<string>;
};

/** Ids in the graph are prefixed, because the root's path is empty. */
export const stateId = (path: string): string => `state ${path}`;
export const initialId = (path: string): string => `initial ${path}`;
export const anyId = (path: string): string => `any ${path}`;

export function chartGraph(chart: Chart, options: GraphOptions): ChartGraph {
  const edges = new Map<string, ChartEdge>();
  const anyStates = new Set<string>();
  for (const transition of chart.transitions) {
    for (const target of transition.targets) {
      const isInward = isInside(chart, target, transition.source);
      if (isInward) anyStates.add(transition.source);
      const source = isInward ? anyId(transition.source) : stateId(transition.source);
      const id = `${source} → ${target}`;
      // When edges run to the right, wide labels would push the boxes apart.
      const texts =
        options.direction === 'RIGHT'
          ? transitionWords(chart, transition)
          : [transitionText(chart, transition)];
      const lines = texts.map((text) => ({ transition: transition.id, text }));
      const known = edges.get(id)?.lines ?? [];
      edges.set(id, { id, source, target: stateId(target), lines: [...known, ...lines] });
    }
  }
  for (const { path, initial } of chart.states.values()) {
    if (initial === null) continue;
    const source = initialId(path);
    edges.set(source, { id: `${source} →`, source, target: stateId(initial), lines: [] });
  }
  const states = [...chart.states.values()];
  const lines = new Map(states.map((state) => [state.path, stateLines(chart, state, options.actions)]));
  return { edges: [...edges.values()], anyStates, lines };
}

const rootOptions = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.spacing.nodeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
} as const;

/** The same graph in ELK's input format. */
export function elkGraph(chart: Chart, graph: ChartGraph, { direction }: GraphOptions): ElkNode {
  const nodeOf = (state: ChartState): ElkNode => {
    const { path } = state;
    const { width, height } = boxSize(state, graph.lines.get(path) ?? []);
    const children = chart.children.get(path) ?? [];
    if (children.length === 0) return { id: stateId(path), width, height };
    const dot = { id: initialId(path), width: dotSize, height: dotSize };
    const any = { id: anyId(path), width: textWidth(anyText, lineSize) + 16, height: 22 };
    return {
      id: stateId(path),
      children: [
        ...(state.initial === null ? [] : [dot]),
        ...(graph.anyStates.has(path) ? [any] : []),
        ...children.map(nodeOf),
      ],
      layoutOptions: {
        'elk.padding': `[top=${height + 8},left=18,bottom=18,right=18]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${width},${height})`,
        'elk.direction': direction,
      },
    };
  };
  const root = chart.states.get('');
  return {
    id: 'graph',
    children: root === undefined ? [] : [nodeOf(root)],
    edges: graph.edges.map(elkEdge),
    layoutOptions: { ...rootOptions, 'elk.direction': direction },
  };
}

function elkEdge({ id, source, target, lines }: ChartEdge): ElkExtendedEdge {
  const width = Math.max(0, ...lines.map(({ text }) => textWidth(text, lineSize))) + 14;
  const label = { id: `${id} label`, text: ' ', width, height: lines.length * lineHeight + 4 };
  return { id, sources: [source], targets: [target], labels: lines.length === 0 ? [] : [label] };
}

function boxSize({ key }: ChartState, lines: readonly StateLine[]): { width: number; height: number } {
  const widths = [
    textWidth(key, nameSize, true),
    ...lines.map(({ text }) => textWidth(text, lineSize) + glyphWidth),
  ];
  return {
    width: Math.max(60, ...widths) + 2 * boxPadding,
    height: headHeight + (lines.length === 0 ? 0 : lines.length * lineHeight + 8),
  };
}
