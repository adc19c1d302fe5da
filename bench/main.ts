/** `npm run bench`: scenarios × systems × sizes. Prints tables; JSON and an HTML report on request. */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { compiledModulesFolder } from '../src/compiled-modules.ts';
import { whyNotPinned } from './process/measured-process.ts';
import { changesSince, regressions } from './report/changes.ts';
import { changesText } from './report/changes-text.ts';
import { htmlReport } from './report/html-report.ts';
import { resultsOf } from './report/results.ts';
import { type Results, resultsSchema } from './report/results-schema.ts';
import { tableText, targetsText } from './report/text-table.ts';
import { runSelection } from './runner.ts';
import { quickSizes, type ScenarioSize } from './scenarios/scenario.ts';
import { scenarios } from './scenarios/scenarios.ts';
import { allSystemNames } from './systems/systems.ts';

type Options = {
  readonly scenario?: readonly string[];
  readonly system?: readonly string[];
  readonly size?: readonly string[];
  readonly repeat: number;
  readonly seed: number;
  readonly smoke?: true;
  readonly quick?: true;
  readonly against?: Results;
  readonly failOnRegression?: true;
  readonly json?: string;
  readonly html?: string;
  readonly databaseUrl?: string;
};

/** Less than three minutes, also on a machine that others use. */
const quickMsMax = 170_000;

const wholeNumber = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Must be a whole number from 1 on.');
  return value;
};
const listed = (text: string) => text.split(',');
const earlierResults = (file: string) => {
  try {
    return resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidArgumentError(`It has no results as --json writes them: ${reason.slice(0, 300)}`);
  }
};

const command = new Command('bench')
  .description('Measures Callboard beside its peers: the same work on the same machine in one run.')
  .option('--scenario <names>', `of ${scenarios.map(({ name }) => name).join(', ')}; default: all`, listed)
  .option('--system <names>', `of ${allSystemNames.join(', ')}; default: all`, listed)
  .option(
    '--size <names>',
    'sizes of the scenarios, or `all`; default: those that fit into ten minutes',
    listed,
  )
  .addOption(new Option('--repeat <count>', 'repetitions, interleaved').default(3).argParser(wholeNumber))
  .addOption(new Option('--seed <number>', 'of the texts').default(1).argParser(wholeNumber))
  .addOption(
    new Option(
      '--quick',
      'what tells of a regression, Callboard and a peer: less than three minutes',
    ).conflicts(['size', 'smoke']),
  )
  .addOption(
    new Option(
      '--against <file>',
      'say what has changed since the results that --json wrote there',
    ).argParser(earlierResults),
  )
  .option('--fail-on-regression', 'end with 1 when a figure that compares is worse; needs --against')
  .option('--smoke', 'the smallest size of everything, once: seconds, and figures that mean nothing')
  .option('--json <file>', 'write all figures')
  .option('--html <file>', 'write a report with plots; it needs no network')
  .addOption(new Option('--database-url <url>', 'PostgreSQL to measure').env('TEST_DATABASE_URL'))
  .parse();
const options: Options = command.opts();
if (options.failOnRegression && options.against === undefined)
  command.error('error: --fail-on-regression needs --against');

function isChosen({ name, preset, smoke }: ScenarioSize): boolean {
  if (options.smoke) return smoke === true;
  if (options.size?.includes('all')) return smoke === undefined;
  return options.size?.includes(name) ?? preset;
}

// As with `npm start`: programs start in half the time when Node has kept their compiled modules.
process.env['NODE_COMPILE_CACHE'] ??= compiledModulesFolder;
const beganMs = performance.now();
const [loadBefore = 0] = loadavg();
const warning = whyNotPinned();
if (warning !== undefined) process.stderr.write(`warning: ${warning}\n`);
const chosen = scenarios.filter(({ name }) => options.scenario?.includes(name) ?? true);
const runs = await runSelection({
  scenarios: chosen,
  contestants: options.system ?? [],
  sizesOf: ({ sizes }) => (options.quick ? quickSizes(sizes) : sizes.filter(isChosen)),
  repeat: options.smoke ? 1 : options.repeat,
  ...(options.quick ? { msMax: quickMsMax } : {}),
  seed: options.seed,
  databaseUrl: options.databaseUrl,
  onProgress: (line) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else process.stderr.write(`${line}\n`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
const results = resultsOf({ scenarios: chosen, runs, seed: options.seed, load: loadBefore });
const { tables } = results;
for (const table of tables) process.stdout.write(`${tableText(table)}\n`);
if (!options.smoke && !options.quick) process.stdout.write(targetsText(results.targets));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
if (options.html !== undefined) writeFileSync(options.html, htmlReport(results));
// A wrongly delivered text is a failure; a slow run is not.
if (tables.some(({ sameText, rows }) => sameText === false || rows.some(({ faults }) => faults.length > 0))) {
  process.exitCode = 1;
}
if (options.against !== undefined) {
  const changes = changesSince(options.against, results);
  if (changes.length === 0) process.stderr.write('warning: the earlier run has none of these figures\n');
  else process.stdout.write(`\n${changesText(changes, options.against, results)}`);
  if (options.failOnRegression && regressions(changes).length > 0) process.exitCode = 1;
}
process.stderr.write(`It took ${Math.round((performance.now() - beganMs) / 1000)} s.\n`);
