/**
 * Counts what the paths that cost most cost, and compares it with `baseline.json`: `node bench/counted/main.ts`. Ends with
 * 1 when a figure is more than a tenth greater. `--write` makes the present figures the baseline.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { comparison } from './comparison.ts';
import { countedFigures } from './count.ts';

const baselineFile = new URL('./baseline.json', import.meta.url);
const figuresSchema = z.record(z.string(), z.record(z.string(), z.number()));

const figures = await countedFigures();
if (process.argv.includes('--write')) {
  await writeFile(baselineFile, `${JSON.stringify(figures, null, 2)}\n`);
}
const baseline = figuresSchema.parse(JSON.parse(await readFile(baselineFile, 'utf8')));
const { lines, grown } = comparison(figures, baseline);
for (const line of lines) process.stdout.write(`${line}\n`);
for (const line of grown) process.stderr.write(`error: ${line}\n`);
process.exitCode = grown.length === 0 ? 0 : 1;
