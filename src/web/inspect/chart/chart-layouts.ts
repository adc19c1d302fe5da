/** Lays out each chart once, with ELK in a worker. */
import elk, { type ELK } from 'elkjs/lib/elk-api.js';
import { scriptUrl } from '../../page-worker.ts';
import type { Chart } from './chart.ts';
import type { GraphOptions } from './chart-graph.ts';
import { type PlacedChart, placedChart } from './chart-layout.ts';

export type ChartLayouts = (chart: Chart, options: GraphOptions) => Promise<PlacedChart>;

/** `workerUrl` must be of the page's origin. */
export function createChartLayouts(workerUrl: string): ChartLayouts {
  const made = new Map<string, Promise<PlacedChart>>();
  let engine: ELK | undefined;
  // A page that was opened from a file can only start workers that are no modules.
  const type = workerUrl.startsWith('blob:') ? 'classic' : 'module';
  return (chart, options) => {
    engine ??= new elk.default({ workerFactory: () => new Worker(scriptUrl(workerUrl), { type }) });
    const key = `${chart.id} ${options.actions} ${options.direction}`;
    const known = made.get(key) ?? placedChart(chart, engine, options);
    made.set(key, known);
    known.catch(() => made.delete(key));
    return known;
  };
}
