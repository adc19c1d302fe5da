/** Counted figures beside those of the baseline. */
import type { Facts } from './subjects.ts';

type Figures = Readonly<Record<string, Facts>>;

/** A greater one fails. */
export const growthMax = 1.1;

/** `grown`: what is wrong, in words. A figure that only one of them has is wrong, too. */
export function comparison(
  figures: Figures,
  baseline: Figures,
): { readonly lines: readonly string[]; readonly grown: readonly string[] } {
  const lines: string[] = [];
  const grown: string[] = [];
  for (const subject of new Set([...Object.keys(figures), ...Object.keys(baseline)])) {
    const [now, before] = [figures[subject] ?? {}, baseline[subject] ?? {}];
    for (const figure of new Set([...Object.keys(now), ...Object.keys(before)])) {
      const [present, past] = [now[figure], before[figure]];
      const name = `${subject}: ${figure}`;
      if (present === undefined || past === undefined) {
        grown.push(`${name} is only in ${past === undefined ? 'what was counted' : 'the baseline'}`);
        continue;
      }
      lines.push(`${name} ${shown(present)}, baseline ${shown(past)}`);
      if (present > past * growthMax)
        grown.push(`${name} has grown from ${shown(past)} to ${shown(present)}, by more than a tenth`);
    }
  }
  return { lines, grown };
}

function shown(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
