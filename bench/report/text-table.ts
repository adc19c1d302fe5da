/** Tables for the terminal, in Markdown, so that they can be copied into a document. */
import { numberText } from './number-text.ts';
import type { Results, ResultsRow, ResultsTable, Spread } from './results-schema.ts';

export function tableText({ title: scenario, size, metrics: all, rows, sameText }: ResultsTable): string {
  const metrics = all.filter(({ key }) => rows.some(({ spreads }) => spreads[key] !== undefined));
  const comparable = rows.some(
    ({ ofCeiling, ofBaseline }) => ofCeiling !== undefined || ofBaseline !== undefined,
  );
  const head = [
    'system',
    ...metrics.map(({ title, unit }) => (unit === '' ? title : `${title}, ${unit}`)),
    ...(comparable ? ['of the ceiling', '× baseline shape'] : []),
  ];
  const body = rows.map((row) => [
    row.title + markOf(row),
    ...metrics.map(({ key }) => spreadText(row.spreads[key])),
    ...(comparable ? [ratioText(row.ofCeiling), ratioText(row.ofBaseline)] : []),
  ]);
  const lines = [
    `### ${scenario}: ${size}`,
    '',
    ...aligned([head, ...body]),
    '',
    ...(sameText === undefined
      ? []
      : [sameText ? `Same text everywhere: ${hashOf(rows)}.` : 'THE TEXTS DIFFER.']),
    ...rows.flatMap(marksOf),
    ...rows.flatMap(seriesOf),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

export function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '–';
  const { median, min, max } = spread;
  const span = numberText(min) === numberText(max) ? '' : ` (${numberText(min)}–${numberText(max)})`;
  return `${numberText(median)}${span}`;
}

/** Each target with its measured value. */
export function targetsText(targets: Results['targets']): string {
  const body = targets.map(({ name, target, measured, unit, met, note }) => [
    name,
    target,
    measured === null ? '–' : `${numberText(measured)}${unit === '' ? '' : ` ${unit}`}`,
    `${met === null ? 'not measured' : met ? 'met' : 'NOT MET'}${note === undefined ? '' : ` (${note})`}`,
  ]);
  return `### Targets\n\n${aligned([['what', 'target', 'measured', ''], ...body]).join('\n')}\n`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '–' : numberText(ratio);
}

function hashOf(rows: readonly ResultsRow[]): string {
  return rows.flatMap(({ textHashes }) => textHashes)[0] ?? '';
}

function seriesOf({ title, series }: ResultsRow): readonly string[] {
  if (series === undefined) return [];
  return [
    '',
    `${title} over the time:`,
    '',
    ...aligned([series.map(({ title }) => title), ...moments(series)]),
  ];
}

/** One line for each moment. */
export function moments(series: NonNullable<ResultsRow['series']>): readonly (readonly string[])[] {
  return (series[0]?.values ?? []).map((_, moment) =>
    series.map(({ values }) => {
      const value = values[moment];
      return typeof value === 'number' ? numberText(value) : '–';
    }),
  );
}

function markOf({ invalid, faults, starved = [] }: ResultsRow): string {
  if (invalid.length > 0 || faults.length > 0) return ' **INVALID**';
  return starved.length > 0 ? ' **STARVED**' : '';
}

function marksOf({ title, invalid, faults, starved = [] }: ResultsRow): readonly string[] {
  return [...invalid, ...faults, ...starved].map((mark) => `- ${title}: ${mark}`);
}

export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)];
}
