/**
 * `npm run properties -- simulation --steps 1000000`: runs properties by name, for any length of time, and prints a
 * counterexample as a list of steps, with the command that repeats it.
 */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { failureText, type NamedProperty, type Verdict } from '../named-property.ts';
import { mutants } from '../simulation/mutants/all.ts';
import { catchTable, hunt } from '../simulation/mutants/hunt.ts';
import { catalogue } from './catalogue.ts';
import { seen, verdictTable } from './verdict-table.ts';

const command = new Command('properties')
  .description('Runs the properties that Callboard promises, on cases that are drawn at random.')
  .addArgument(
    new Argument('[names...]', 'which ones; all of them if none is named').choices(
      catalogue.map(({ name }) => name),
    ),
  )
  .addOption(new Option('--list', 'say what each property promises, and stop'))
  .addOption(
    new Option('--runs <count>', 'cases of each property (default: as many as in CI)').argParser(whole),
  )
  .addOption(new Option('--seed <number>', 'repeats a run').default(Date.now() % 2 ** 31).argParser(whole))
  .addOption(new Option('--path <path>', 'repeats one case of a run: the path that a failure prints'))
  .addOption(new Option('--steps <count>', 'go on until so many steps were taken').argParser(whole))
  .addOption(new Option('--minutes <count>', 'go on for so long').argParser(positive))
  .addOption(new Option('--mutants', 'break one part after another on purpose, and show what catches it'))
  .addHelpText(
    'after',
    `
With --steps or --minutes the number of cases has no bound; both are for each property. The steps are those of the
simulation; elsewhere each case is one. A failure prints the smallest case that was found, step by step, and the command that runs it again.

  npm run properties                                      every property with its CI budget
  npm run properties -- simulation --steps 1000000        a long run
  npm run properties -- --mutants                         the test of the tests`,
  )
  .parse();
const names: readonly string[] = command.processedArgs[0];
const options: {
  readonly list?: true;
  readonly mutants?: true;
  readonly runs?: number;
  readonly seed: number;
  readonly path?: string;
  readonly steps?: number;
  readonly minutes?: number;
} = command.opts();

if (options.list) list();
else if (options.mutants) await catchMutants();
else await runAll();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be more than 0.');
  return value;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line that the next one overwrites; on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function list(): void {
  for (const { name, promises, rules, runs } of catalogue) {
    say(`${name}  (${rules.join(', ')}; ${runs} runs)\n    ${promises}`);
  }
}

async function runAll(): Promise<void> {
  if (options.path !== undefined && names.length !== 1) {
    command.error('error: --path is of one property: name it');
  }
  say(`seed ${options.seed}`);
  const verdicts: Verdict[] = [];
  for (const property of catalogue.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const verdict = await run(property);
    verdicts.push(verdict);
    if (verdict.failure === null) continue;
    process.exitCode = 1;
    say(`\n${failureText(verdict, verdict.failure)}\n`);
  }
  say(verdictTable(verdicts));
  for (const { name, counts } of verdicts)
    if (Object.keys(counts).length > 0) say(`${name}: ${seen(counts)}`);
}

async function run(property: NamedProperty): Promise<Verdict> {
  const { steps, minutes, path, seed } = options;
  const isLong = steps !== undefined || minutes !== undefined;
  const runs = options.runs ?? (isLong ? Number.MAX_SAFE_INTEGER : property.runs);
  const began = performance.now();
  let told = 0;
  const verdict = await property.run({
    runs,
    seed,
    ...(path === undefined ? {} : { path }),
    ...(steps === undefined ? {} : { stepsMax: steps }),
    ...(minutes === undefined ? {} : { msMax: minutes * 60_000 }),
    onRun: (done, counts) => {
      const ms = performance.now() - began;
      if (ms - told < 200) return;
      told = ms;
      const taken = counts['steps'];
      const rate = taken === undefined ? '' : `, ${taken} steps, ${Math.round((taken / ms) * 1000)} a second`;
      progress(`${property.name}: ${done}${isLong ? '' : ` of ${runs}`} runs${rate}`);
    },
  });
  progress('');
  return verdict;
}

async function catchMutants(): Promise<void> {
  const catches = [];
  for (const mutant of mutants) {
    progress(`hunting ${mutant.name}`);
    const found = await hunt(mutant, {
      seed: options.seed,
      runs: options.runs ?? 1000,
      shrinksMsMax: 30_000,
    });
    catches.push(found);
    progress('');
    say(`\n${mutant.breaks}: ${mutant.name}`);
    for (const line of found.caught?.script ?? ['got away']) say(`    ${line}`);
    if (found.caught === null) process.exitCode = 1;
  }
  say(`\nseed ${options.seed}\n${catchTable(catches)}`);
}
