/** Whatever keeps a database from answering, the asker can only try again. */
import { JournalUnavailable } from '../../../actors/ports.ts';

/** What `ask` answers, or {@link JournalUnavailable} in the place of the database's own error. */
export async function databaseAnswer<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof JournalUnavailable) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new JournalUnavailable(`The ${what} cannot be read: ${message}`, { cause });
  }
}
