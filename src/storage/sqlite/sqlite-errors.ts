/** Decides what SQLite's result codes mean for the journal (https://www.sqlite.org/rescode.html). */
import { JournalRejected, JournalUnavailable } from '../../../actors/ports.ts';

/** Primary result codes after which the same batch may succeed later. */
const passing = new Set([
  3, // PERM
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  9, // INTERRUPT
  10, // IOERR
  11, // CORRUPT: a person must restore the file; the batch is not at fault
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  22, // NOLFS
  23, // AUTH
  26, // NOTADB
]);

/** SQLite's primary result code; `undefined` if the error is not SQLite's. */
export function sqliteResultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

export function sqliteJournalError(cause: unknown): JournalUnavailable | JournalRejected {
  if (cause instanceof JournalRejected || cause instanceof JournalUnavailable) return cause;
  const code = sqliteResultCode(cause);
  const message = `SQLite: ${cause instanceof Error ? cause.message : String(cause)}`;
  // A closed database is reported as a JavaScript error, without a result code.
  const closed = cause instanceof Error && 'code' in cause && cause.code === 'ERR_INVALID_STATE';
  if (closed || (code !== undefined && passing.has(code))) return new JournalUnavailable(message, { cause });
  return new JournalRejected(message, { cause });
}
