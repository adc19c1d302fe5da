/** A chart as a file of its own: SVG with its style inside, in the colours of the page. */
import { chartDrawing } from './chart-drawing.ts';
import type { PlacedChart } from './chart-layout.ts';
import { type Lighting, lit } from './chart-lighting.ts';
import { svg, svgText } from './svg-node.ts';

const margin = 16;

/** `style`: the rules of `.chart`; `variable` says what a CSS variable is worth. */
export function chartFile(
  placed: PlacedChart,
  lighting: Lighting,
  style: { readonly rules: readonly string[]; readonly variable: (name: string) => string },
): string {
  const width = Math.ceil(placed.width + 2 * margin);
  const height = Math.ceil(placed.height + 2 * margin);
  return svgText(
    svg(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width,
        height,
        viewBox: `${-margin} ${-margin} ${width} ${height}`,
      },
      svg('title', {}, placed.chart.id),
      svg('style', {}, style.rules.map((rule) => withValues(rule, style.variable)).join('\n')),
      svg('rect', {
        x: -margin,
        y: -margin,
        width,
        height,
        fill: style.variable('--page'),
      }),
      lit(chartDrawing(placed), lighting),
    ),
  );
}

/** Viewers of files know no CSS variables. */
function withValues(rule: string, variable: (name: string) => string): string {
  return rule.replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => variable(name));
}
