/** Lays out each chart once, with ELK in a worker. */
import elk, { type ELK } from 'elkjs/lib/elk-api.js';
import type { Chart } from './chart.ts';
import type { GraphOptions } from './chart-graph.ts';
import { type PlacedChart, placedChart } from './chart-layout.ts';

export type ChartLayouts = (chart: Chart, options: GraphOptions) => Promise<PlacedChart>;

/** `workerUrl` must be of the page's origin. */
export function createChartLayouts(workerUrl: string): ChartLayouts {
  const made = new Map<string, Promise<PlacedChart>>();
  let engine: ELK | undefined;
  return (chart, options) => {
    engine ??= new elk.default({ workerFactory: () => new Worker(scriptUrl(workerUrl), { type: 'module' }) });
    const key = `${chart.id} ${options.actions} ${options.direction}`;
    const known = made.get(key) ?? placedChart(chart, engine, options);
    made.set(key, known);
    known.catch(() => made.delete(key));
    return known;
  };
}

type ScriptPolicy = { readonly createScriptURL: (url: string) => string };
type ScriptPolicyFactory = {
  readonly createPolicy: (
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ) => ScriptPolicy;
};

/** In browsers with Trusted Types, the address must pass the page's only script policy. */
function scriptUrl(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: ScriptPolicyFactory };
  const address = new URL(url, document.baseURI);
  if (address.origin !== location.origin) throw new Error('a worker of another origin');
  if (trustedTypes === undefined) return address.href;
  return trustedTypes
    .createPolicy('callboard', { createScriptURL: (given) => given })
    .createScriptURL(address.href);
}
