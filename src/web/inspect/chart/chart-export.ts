/** A chart as an SVG file that contains its own style, in the colours of the page. */
import { chartDrawing } from './chart-drawing.ts';
import type { PlacedChart } from './chart-layout.ts';
import { type Lighting, lit } from './chart-lighting.ts';
import { svg, svgText } from './svg-node.ts';

const margin = 16;

/** `style` holds the rules of `.chart`; `variable` returns the value of a CSS variable. */
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

/** Replaces CSS variables by their values, because viewers of SVG files do not know them. */
function withValues(rule: string, variable: (name: string) => string): string {
  return rule.replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => variable(name));
}
