/**
 * Rows of docs/baseline-differences.md and their tests, which share numbers: a difference that no test shows is a
 * promise, and a test without a row is a difference that nobody is told of. One line per find.
 */
import type { SourceTree } from './import-graph.ts';

export const differenceTests = 'test/e2e/baseline-differences/';

/** A row has four cells: number, the baseline, Callboard, rules. A title begins with the numbers of its rows. */
export function differenceFinds(document: string, tests: SourceTree): string[] {
  const lines = document.split('\n').filter((line) => /^\|\s*D\d/.test(line));
  const rows = lines.map((line) => /^\| (D\d+) \|/.exec(line)?.[1] ?? line);
  const tested: string[] = [];
  for (const [file, text] of tests) {
    if (!file.startsWith(differenceTests)) continue;
    for (const [, numbers = ''] of text.matchAll(/\bit\(\s*['"`]((?:D\d+ )+)/g)) {
      tested.push(...numbers.trim().split(' '));
    }
  }
  return [
    ...lines
      .filter((line) => !/^\| D\d+ \|(?: [^|]+ \|){3}$/.test(line))
      .map((line) => `no row of four cells: ${line}`),
    ...repeated(rows).map((number) => `${number} has several rows`),
    ...repeated(tested).map((number) => `${number} has several tests`),
    ...rows.filter((number) => !tested.includes(number)).map((number) => `${number} has no test`),
    ...tested.filter((number) => !rows.includes(number)).map((number) => `${number} has no row`),
  ];
}

function repeated(numbers: readonly string[]): string[] {
  return [...new Set(numbers.filter((number, index) => numbers.indexOf(number) !== index))];
}
