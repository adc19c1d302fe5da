/** Runs one subject, in a process of its own: `run-subject.ts NAME OPERATIONS`. Prints its facts as JSON. */
import { subjects } from './subjects.ts';

const [name = '', operations = ''] = process.argv.slice(2);
const subject = subjects[name];
if (subject === undefined) throw new Error(`no subject is named ${JSON.stringify(name)}`);
process.stdout.write(`${JSON.stringify(await subject.run(Number(operations)))}\n`);
process.exit(0);
