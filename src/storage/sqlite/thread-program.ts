/**
 * The program of a thread that has an SQLite connection of its own. It answers one request after the other, in the order
 * in which they came, those that came together at once, and knows nothing of what the statements mean.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteFile } from './sqlite-database.ts';
import type { SqliteDatabaseOptions } from './sqlite-database-options.ts';
import type {
  ThreadAnswer,
  ThreadFailure,
  ThreadOutcome,
  ThreadRequest,
  ThreadStatement,
} from './thread-messages.ts';

const database: SqliteDatabaseOptions = workerData;
const texts: string[] = [];
let opened: SqliteFile | undefined;

/** A file that cannot be opened is tried again by the next request. */
function file(): SqliteFile {
  opened ??= new SqliteFile(database);
  return opened;
}

function outcomeOf(request: ThreadRequest): ThreadOutcome {
  switch (request.kind) {
    case 'query':
      return query(request);
    case 'batch':
      return { rows: batch(request.statements), changes: 0 };
    case 'close':
      opened?.close();
      return { rows: [], changes: 0 };
  }
}

function query(statement: ThreadStatement): ThreadOutcome {
  const sql = textOf(statement);
  const prepared = file().prepare(sql);
  if (prepared.reader) return { rows: prepared.all(statement.parameters), changes: 0 };
  return { rows: [], changes: Number(prepared.run(statement.parameters).changes) };
}

function batch(statements: readonly ThreadStatement[]): object[] {
  // First of all: texts that come with statements which are not reached count as known too.
  const named = statements.map((statement) => ({ sql: textOf(statement), statement }));
  const connection = file();
  connection.exec('begin immediate');
  try {
    const rows: object[] = [];
    for (const { sql, statement } of named) {
      const prepared = connection.prepare(sql);
      if (prepared.reader) rows.push(...prepared.all(statement.parameters));
      else prepared.run(statement.parameters);
    }
    connection.exec('commit');
    return rows;
  } catch (error) {
    // After some failures (disk full, I/O) SQLite has already rolled back.
    if (connection.isTransaction) connection.exec('rollback');
    throw error;
  }
}

function textOf({ text: { number, sql } }: ThreadStatement): string {
  if (sql !== undefined) texts[number] = sql;
  const text = texts[number];
  if (text === undefined) throw new Error(`No text has the number ${number}`);
  return text;
}

function failureOf(error: unknown): ThreadFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...('errcode' in error && typeof error.errcode === 'number' ? { errcode: error.errcode } : {}),
  };
}

function answerTo(request: ThreadRequest): ThreadAnswer {
  const { id } = request;
  try {
    return { id, kind: 'done', outcome: outcomeOf(request) };
  } catch (error) {
    return { id, kind: 'failed', failure: failureOf(error) };
  }
}

const port = parentPort;
if (port === null) throw new Error('This program runs in a worker thread');
port.on('message', (requests: readonly ThreadRequest[]) => {
  port.postMessage(requests.map(answerTo));
  if (requests.some(({ kind }) => kind === 'close')) port.close();
});
