/** The results of properties as a table. */
import type { Counts, Verdict } from '../named-property.ts';

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, runs, ms, counts, failure }) => {
    const result = failure === null ? 'holds' : 'BROKEN';
    return `| ${name} | ${result} | ${runs} | ${counts['steps'] ?? ''} | ${(ms / 1000).toFixed(1)} |`;
  });
  return ['| property | result | runs | steps | seconds |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** Counts in one line. */
export function seen(counts: Counts): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}
