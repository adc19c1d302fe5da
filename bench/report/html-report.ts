/** The report of a run as one HTML file: no script, no font and no picture from elsewhere, so that it opens offline. */
import { barPlot } from './bar-plot.ts';
import { type Markup, markup } from './markup.ts';
import { numberText } from './number-text.ts';
import type { Results, ResultsRow, ResultsTable } from './results-schema.ts';
import { moments, spreadText } from './text-table.ts';

/** How many metrics of each table are plotted; the first ones are. */
const plotsPerTable = 3;

const style = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #66727f; --page: #fff; --line: #d9dfe5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #9aa6b2; --page: #14191f; --line: #303a44; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
table { border-collapse: collapse; font-size: 13px; } .wide { overflow-x: auto; }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } .targets td, .targets th { text-align: left; white-space: normal; }
figure { margin: 1rem 0; } figcaption { font-size: 13px; color: var(--soft); } svg { max-width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
.bar { fill: #8a97a5; } .callboard-v1 { fill: #1f7a5c; } .callboard-baseline { fill: #5fb08f; } .baseline-shape { fill: #c8553d; }
.ceiling { fill: #2f6db3; } .bad { fill: none; stroke: #c8553d; stroke-dasharray: 4 3; } .spread { stroke: var(--ink); stroke-width: 2; }
.met { color: #1f7a5c; } .missed, .mark { color: #c8553d; font-weight: 600; } p.about { color: var(--soft); }
`;

export function htmlReport(results: Results): string {
  const { machine } = results;
  const about = `${machine.processors} × ${machine.model}, ${machine.memoryGigabytes} GB, ${machine.system}, Node ${machine.node}; load ${numberText(machine.load)} at the start; seed ${results.seed}; ${results.at}`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Callboard, measured</title>
<style>${style}</style>
</head>
<body>
<h1>Callboard, measured beside its peers</h1>
<p class="about">${about}</p>
${machine.notPinned === undefined ? markup`` : markup`<p class="mark">${machine.notPinned}</p>`}
<p>Medians of all repetitions; the line in a bar runs from the least to the greatest. Ratios say how many times as good as the reference, by the first column. A run that is marked must not be used; of one whose server was starved, processor time and what is no time may.</p>
${targetTable(results.targets)}
${results.tables.map(section)}
</body>
</html>
`.text;
}

function targetTable(targets: Results['targets']): Markup {
  return markup`<h2>Targets</h2>
<table class="targets"><thead><tr><th>what</th><th>target</th><th>measured</th><th></th></tr></thead><tbody>
${targets.map(
  ({ name, target, measured, unit, met, note }) => markup`<tr><td>${name}</td><td>${target}</td><td>${
    measured === null ? '–' : `${numberText(measured)} ${unit}`
  }</td><td class="${met === null ? '' : met ? 'met' : 'missed'}">${met === null ? 'not measured' : met ? 'met' : 'not met'}${
    note === undefined ? '' : `: ${note}`
  }</td></tr>
`,
)}</tbody></table>
`;
}

function section(table: ResultsTable): Markup {
  const { title, size, metrics, rows, sameText } = table;
  const shown = metrics.filter(({ key }) => rows.some(({ spreads }) => spreads[key] !== undefined));
  const plots = shown.slice(0, plotsPerTable).map(({ key }) => barPlot(table, key));
  return markup`<h2>${title}: ${size}</h2>
<div class="wide"><table><thead><tr><th>system</th>${shown.map(
    (metric) => markup`<th>${metric.title}${metric.unit === '' ? '' : `, ${metric.unit}`}</th>`,
  )}<th>of the ceiling</th><th>× baseline shape</th></tr></thead><tbody>
${rows.map(
  (row) => markup`<tr><td>${row.title.replaceAll('`', '')}</td>${shown.map(
    ({ key }) => markup`<td>${spreadText(row.spreads[key])}</td>`,
  )}<td>${ratioText(row.ofCeiling)}</td><td>${ratioText(row.ofBaseline)}</td></tr>
`,
)}</tbody></table></div>
${sameText === undefined ? markup`` : sameText ? markup`<p>Same text everywhere: ${rows[0]?.textHashes[0] ?? ''}.</p>` : markup`<p class="mark">The texts differ.</p>`}
${rows.flatMap(marks)}
${rows.map(overTime)}
${plots.filter((plot) => plot !== undefined)}
`;
}

function marks({ title, invalid, faults, starved = [] }: ResultsRow): readonly Markup[] {
  return [...invalid, ...faults, ...starved].map(
    (mark) => markup`<p class="mark">${title.replaceAll('`', '')}: ${mark}</p>
`,
  );
}

function overTime({ title, series }: ResultsRow): Markup {
  if (series === undefined) return markup``;
  const cells = (texts: readonly string[]) => texts.map((text) => markup`<td>${text}</td>`);
  return markup`<p>${title.replaceAll('`', '')} over the time:</p>
<div class="wide"><table><thead><tr>${series.map((column) => markup`<th>${column.title}</th>`)}</tr></thead><tbody>
${moments(series).map((texts) => markup`<tr>${cells(texts)}</tr>`)}</tbody></table></div>
`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '–' : numberText(ratio);
}
