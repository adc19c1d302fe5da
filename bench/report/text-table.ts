/** Tables for the terminal, in Markdown, so that they can be pasted as they are. */
import { numberText } from './number-text.ts';
import type { Row, Spread, Table } from './summary.ts';

export function tableText({ scenario, size, rows, sameText }: Table): string {
  const metrics = scenario.metrics.filter(({ key }) =>
    rows.some(({ spreads }) => spreads[key] !== undefined),
  );
  const comparable = rows.some(
    ({ ofCeiling, ofBaseline }) => ofCeiling !== undefined || ofBaseline !== undefined,
  );
  const head = [
    'system',
    ...metrics.map(({ title, unit }) => (unit === '' ? title : `${title}, ${unit}`)),
    ...(comparable ? ['of the ceiling', '× baseline shape'] : []),
  ];
  const body = rows.map((row) => [
    `${row.title}${row.invalid.length > 0 || row.faults.length > 0 ? ' **INVALID**' : ''}`,
    ...metrics.map(({ key }) => spreadText(row.spreads[key])),
    ...(comparable ? [ratioText(row.ofCeiling), ratioText(row.ofBaseline)] : []),
  ]);
  const lines = [
    `### ${scenario.title}: ${size}`,
    '',
    ...aligned([head, ...body]),
    '',
    ...(sameText === undefined
      ? []
      : [sameText ? `Same text everywhere: ${hashOf(rows)}.` : 'THE TEXTS DIFFER.']),
    ...rows.flatMap(marksOf),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

export function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '–';
  const { median, min, max } = spread;
  const span = numberText(min) === numberText(max) ? '' : ` (${numberText(min)}–${numberText(max)})`;
  return `${numberText(median)}${span}`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '–' : numberText(ratio);
}

function hashOf(rows: readonly Row[]): string {
  return rows.flatMap(({ textHashes }) => textHashes)[0] ?? '';
}

function marksOf({ title, invalid, faults }: Row): readonly string[] {
  return [...invalid, ...faults].map((mark) => `- ${title}: ${mark}`);
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)];
}
