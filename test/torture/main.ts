/**
 * `npm run torture -- --fault server --points 200 --database sqlite --seed 1`: kills the server or its database, or
 * fills its disk, again and again, and prints the faults.
 */
import { Command, Option } from 'commander';
import { databases } from '../processes/databases.ts';
import { type OutageTortureResult, outageTorture } from './outage-torture.ts';
import { fullPostgresDisk, fullSqliteDisk, killedPostgres } from './sabotage.ts';
import { type TortureResult, torture, tortureTable } from './torture.ts';

const command = new Command('torture')
  .description(
    'Torments the real server at many points and checks that nothing is lost, repeated or invented.',
  )
  .addOption(
    new Option('--fault <name>', 'what is killed: the server, its database, or the space on its disk')
      .choices(['server', 'database', 'disk'])
      .default('server'),
  )
  .addOption(
    new Option('--points <count>', 'kill points per database (default: 200, otherwise 40)').argParser(Number),
  )
  .addOption(new Option('--seed <number>', 'repeats a run').default(Date.now() % 2 ** 31).argParser(Number))
  .addOption(new Option('--parallel <count>', 'servers at the same time').default(2).argParser(Number))
  .addOption(new Option('--database <name>', 'only this one').choices(['sqlite', 'postgresql']))
  .addHelpText(
    'after',
    '\nPostgreSQL is tortured when TEST_DATABASE_URL names one; for the other faults, one is made of what is ' +
      'installed. Filling a disk needs root, to mount a small one.',
  )
  .parse();
const options: {
  fault: 'server' | 'database' | 'disk';
  points?: number;
  seed: number;
  parallel: number;
  database?: string;
} = command.opts();
const isWanted = ({ name }: { readonly name: string }) =>
  options.database === undefined || name.toLowerCase().startsWith(options.database);
const say = (text: string) => process.stdout.write(text);
const progressOf = (name: string) => (done: number, of: number) =>
  process.stderr.write(`\r${name}: ${done} of ${of}${done === of ? '\n' : ''}`);

say(`seed ${options.seed}\n`);
const results = options.fault === 'server' ? await killServers() : await takeStores();
say(`${tortureTable(results)}\n`);
for (const { database, faults } of results) {
  for (const [kind, list] of Object.entries(faults)) {
    for (const fault of list) blame(`${database}, ${kind}: ${fault}`);
  }
}
if (results.length === 0) blame('No database to torture: set TEST_DATABASE_URL for PostgreSQL');

async function killServers(): Promise<readonly TortureResult[]> {
  const results: TortureResult[] = [];
  for (const database of databases.filter(isWanted)) {
    const { seed, parallel, points = 200 } = options;
    const progress = progressOf(database.name);
    results.push(await torture({ seed, parallel, points, database, progress }));
  }
  return results;
}

async function takeStores(): Promise<readonly OutageTortureResult[]> {
  const results: OutageTortureResult[] = [];
  for (const sabotage of [killedPostgres, fullSqliteDisk, fullPostgresDisk].filter(isWanted)) {
    if (sabotage.fault !== options.fault) continue;
    const { seed, points = 40 } = options;
    results.push(await outageTorture({ seed, points, sabotage, progress: progressOf(sabotage.name) }));
  }
  for (const { database, killPoints, refused, misbehaviour } of results) {
    say(`${database}: commands were refused, to be tried again, in ${refused} of ${killPoints} outages\n`);
    if (refused === 0) blame(`${database}: no command was refused`);
    for (const text of misbehaviour) blame(`${database}: the server ${text}`);
  }
  return results;
}

function blame(text: string): void {
  say(`${text}\n`);
  process.exitCode = 1;
}
