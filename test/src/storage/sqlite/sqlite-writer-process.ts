/** A process that opens the store in the given folder, appends without end, and reports every resolved append. */
import { openSqlite } from '../../../../src/storage/sqlite/open-sqlite.ts';
import { entry, newId, session } from '../../../contract/sample-entries.ts';

const storage = await openSqlite(process.argv[2] ?? '');
for (;;) {
  const created = session(newId());
  await storage.journal.append([entry.sessionCreated(created)]);
  process.stdout.write(`${created.id}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
