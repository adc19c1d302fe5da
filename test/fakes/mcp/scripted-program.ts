/** A scripted tool server as a program: `ODD_ROW` names the row whose script it follows. */
import { createInterface } from 'node:readline';
import { oddRows } from './rows/all.ts';
import { conversation } from './scripted-server.ts';

const row = oddRows.find(({ name }) => name === process.env['ODD_ROW']);
if (row === undefined) throw new Error(`there is no row ${process.env['ODD_ROW']}`);
const { stdout = '', stderr = '', exitCode } = row.server.program ?? {};
process.stdout.write(stdout);
process.stderr.write(stderr);
if (exitCode !== undefined) process.exit(exitCode);

const answer = conversation(row.server);
for await (const line of createInterface({ input: process.stdin })) {
  for (const message of answer(line).messages) process.stdout.write(`${message}\n`);
}
