/** A process that opens the store in the folder given, appends without end and reports what was resolved. */
import { openSqlite } from '../../../../src/storage/sqlite/open-sqlite.ts';
import { entry, newId, session } from '../../../contract/sample-entries.ts';

const storage = await openSqlite(process.argv[2] ?? '');
for (;;) {
  const created = session(newId());
  await storage.journal.append([entry.sessionCreated(created)]);
  process.stdout.write(`${created.id}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
