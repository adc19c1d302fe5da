/**
 * Decides what PostgreSQL's errors mean for the journal
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
import { DatabaseError } from 'pg';
import { JournalRejected, JournalUnavailable } from '../../../actors/ports.ts';

/** Classes (the first two characters of SQLSTATE) after which the same batch may succeed later. */
const passingClasses = new Set([
  '08', // connection exception
  '28', // a password or permission that is being changed
  '3D', // the database is not there (yet)
  '40', // rolled back to resolve a conflict
  '53', // no disk space, no memory, too many connections
  '57', // cancelled, shutting down, starting up
  '58', // an error of the system below
  'XX', // internal error, damaged data: not the fault of the batch
]);

/** Single states, of other classes, after which the same batch may succeed later. */
const passingStates = new Set([
  '25006', // read-only: a standby, or a fail-over in progress
  '25P03', // the server ended a transaction that was idle too long
  '55P03', // a lock was not available in time
]);

/** Whether the server sent the error, with an SQLSTATE; false when the connection broke. */
export function isServerError(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError;
}

export function postgresJournalError(cause: unknown): JournalUnavailable | JournalRejected {
  if (cause instanceof JournalRejected || cause instanceof JournalUnavailable) return cause;
  const message = `PostgreSQL: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (!isServerError(cause)) return new JournalUnavailable(message, { cause });
  const state = cause.code ?? '';
  if (passingStates.has(state) || passingClasses.has(state.slice(0, 2))) {
    return new JournalUnavailable(message, { cause });
  }
  return new JournalRejected(message, { cause });
}
