/** One bar for each system: the median, with a line from the least to the greatest run. Inline SVG. */
import { type Markup, markup } from './markup.ts';
import { numberText } from './number-text.ts';
import type { ResultsRow, ResultsTable } from './results-schema.ts';

const labelWidth = 250;
const barWidth = 430;
const valueWidth = 150;
const rowHeight = 26;
const barHeight = 16;
/** When the greatest bar is more than this many times the least, bars are drawn on a logarithmic scale. */
const linearRatioMax = 50;

/** Undefined when no row has the metric. */
export function barPlot({ rows, metrics, title, size }: ResultsTable, key: string): Markup | undefined {
  const metric = metrics.find((each) => each.key === key);
  const shown = rows.filter(({ spreads }) => spreads[key] !== undefined);
  if (metric === undefined || shown.length === 0) return undefined;
  const positive = shown.flatMap(({ spreads }) => [spreads[key]?.min ?? 0, spreads[key]?.max ?? 0]);
  const scale = scaleOf(positive.filter((value) => value > 0));
  const name = `${metric.title}${metric.unit === '' ? '' : `, ${metric.unit}`}`;
  const height = shown.length * rowHeight + 8;
  const width = labelWidth + barWidth + valueWidth;
  return markup`<figure><figcaption>${name} (${metric.better} is better${scale.isLogarithmic ? ', logarithmic scale' : ''})</figcaption>
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}, ${size}: ${name}">
${shown.map((row, index) => bar(row, key, index * rowHeight + 4, scale.at))}
</svg></figure>
`;
}

function bar(row: ResultsRow, key: string, top: number, at: (value: number) => number): Markup {
  const { median = 0, min = 0, max = 0 } = row.spreads[key] ?? {};
  const middle = top + barHeight / 2;
  const kind =
    row.invalid.length + row.faults.length > 0 ? 'bad' : row.contestant.replace(/[^a-z0-9-]/gi, '-');
  return markup`<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${row.title.replaceAll('`', '')}</text>
<rect class="bar ${kind}" x="${labelWidth}" y="${top}" width="${at(median)}" height="${barHeight}"/>
<line class="spread" x1="${labelWidth + at(min)}" x2="${labelWidth + at(max)}" y1="${middle}" y2="${middle}"/>
<text x="${labelWidth + Math.max(at(median), at(max)) + 6}" y="${middle + 4}">${numberText(median)}</text>
`;
}

/** From values to lengths. */
function scaleOf(positive: readonly number[]) {
  const most = Math.max(...positive, Number.MIN_VALUE);
  const least = Math.min(...positive, most);
  const isLogarithmic = most / least > linearRatioMax;
  const rounded = (length: number) => Math.round(length * 10) / 10;
  // The least bar of a logarithmic plot is a decade long.
  const decades = Math.log10(most / least) + 1;
  const at = (value: number) => {
    if (value <= 0) return 0;
    if (!isLogarithmic) return rounded((value / most) * barWidth);
    return rounded(((Math.log10(value / least) + 1) / decades) * barWidth);
  };
  return { isLogarithmic, at };
}
