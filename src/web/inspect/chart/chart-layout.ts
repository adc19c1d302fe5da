/** Reads from ELK's result where each part of a chart is drawn. All coordinates are absolute, in CSS pixels. */
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import type { Chart } from './chart.ts';
import { type ChartEdge, type ChartGraph, chartGraph, elkGraph, type GraphOptions } from './chart-graph.ts';

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Point = { readonly x: number; readonly y: number };

export type PlacedEdge = ChartEdge & { readonly points: readonly Point[]; readonly label: Box | null };

export type PlacedChart = {
  readonly chart: Chart;
  readonly graph: ChartGraph;
  readonly width: number;
  readonly height: number;
  /** States, and their initial dots and "any state" marks, by id. */
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly PlacedEdge[];
};

/** The part of `ELK` that is used. */
export type LayoutEngine = { readonly layout: (graph: ElkNode) => Promise<ElkNode> };

export async function placedChart(
  chart: Chart,
  engine: LayoutEngine,
  options: GraphOptions,
): Promise<PlacedChart> {
  const graph = chartGraph(chart, options);
  const placed = await engine.layout(elkGraph(chart, graph, options));
  const boxes = new Map<string, Box>();
  const visit = (node: ElkNode): void => {
    boxes.set(node.id, boxOf(node));
    for (const child of node.children ?? []) visit(child);
  };
  for (const node of placed.children ?? []) visit(node);
  const routes = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const edges = graph.edges.map((edge) => {
    const route = routes.get(edge.id);
    const [label] = route?.labels ?? [];
    const points = (route?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
      startPoint,
      ...bendPoints,
      endPoint,
    ]);
    return { ...edge, points, label: label === undefined ? null : boxOf(label) };
  });
  return { chart, graph, boxes, edges, width: placed.width ?? 0, height: placed.height ?? 0 };
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}
