/**
 * Turns every database error of a read into {@link JournalUnavailable}: whatever the cause, a caller can only try
 * again.
 */
import { JournalUnavailable } from '../../../actors/ports.ts';

/** Returns the result of `ask`, or throws {@link JournalUnavailable} instead of the database's own error. */
export async function databaseAnswer<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof JournalUnavailable) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new JournalUnavailable(`The ${what} cannot be read: ${message}`, { cause });
  }
}
