/** Which errors of PostgreSQL are temporary, and which are not ([JRN14]). */
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { JournalRejected, JournalUnavailable } from '../../../../actors/ports.ts';
import { postgresJournalError } from '../../../../src/storage/postgres/postgres-errors.ts';

function serverError(state: string): DatabaseError {
  const error = new DatabaseError('it said no', 0, 'error');
  error.code = state;
  return error;
}

describe('errors of PostgreSQL', () => {
  it.each([
    '08006',
    '53100',
    '53300',
    '57P01',
    '57P03',
    '25006',
    '40001',
    '40P01',
    '55P03',
    '58030',
    'XX000',
  ])('[JRN14] %s is unavailable: it may pass', (state) => {
    const error = postgresJournalError(serverError(state));
    expect(error).toBeInstanceOf(JournalUnavailable);
    expect(error.cause).toBeInstanceOf(DatabaseError);
  });

  it.each(['23505', '23502', '22021', '42P01', '42703', '54000'])('[JRN14] %s is rejected', (state) => {
    expect(postgresJournalError(serverError(state))).toBeInstanceOf(JournalRejected);
  });

  it('[JRN14] a connection that breaks is unavailable', () => {
    expect(postgresJournalError(new Error('Connection terminated unexpectedly'))).toBeInstanceOf(
      JournalUnavailable,
    );
  });

  it('leaves an error of the port as it is', () => {
    const error = new JournalRejected('no');
    expect(postgresJournalError(error)).toBe(error);
  });
});
