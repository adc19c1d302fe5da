/** `npm run torture -- --points 200 --database sqlite --seed 1` */
import { Command, Option } from 'commander';
import { databases } from '../e2e/databases.ts';
import { type TortureResult, torture, tortureTable } from './torture.ts';

const command = new Command('torture')
  .description('Kills the real server at many points and checks that nothing is lost, repeated or invented.')
  .addOption(new Option('--points <count>', 'kill points per database').default(200).argParser(Number))
  .addOption(new Option('--seed <number>', 'repeats a run').default(Date.now() % 2 ** 31).argParser(Number))
  .addOption(new Option('--parallel <count>', 'servers at the same time').default(2).argParser(Number))
  .addOption(new Option('--database <name>', 'only this one').choices(['sqlite', 'postgresql']))
  .addHelpText('after', '\nPostgreSQL is tortured when TEST_DATABASE_URL names one.')
  .parse();
const options: { points: number; seed: number; parallel: number; database?: string } = command.opts();
const chosen = databases.filter(
  ({ name }) => options.database === undefined || name.toLowerCase() === options.database,
);
const say = (text: string) => process.stdout.write(text);
say(`seed ${options.seed}\n`);
const results: TortureResult[] = [];
for (const database of chosen) {
  const result = await torture({
    ...options,
    database,
    progress: (done, of) => process.stderr.write(`\r${database.name}: ${done} of ${of} runs`),
  });
  process.stderr.write('\n');
  results.push(result);
}
say(`${tortureTable(results)}\n`);
for (const { database, faults } of results) {
  for (const [kind, list] of Object.entries(faults)) {
    for (const fault of list) {
      say(`${database}, ${kind}: ${fault}\n`);
      process.exitCode = 1;
    }
  }
}
if (results.length === 0) {
  say('No database to torture: set TEST_DATABASE_URL for PostgreSQL\n');
  process.exitCode = 1;
}
