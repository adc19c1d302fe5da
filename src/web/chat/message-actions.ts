/** What the user can do with a message. */
import type { Saying } from '../../client/client.ts';

export type MessageActions = {
  /**
   * Has the question, or the one that this answers, answered again, instead of the old answer; by `model`, or by the one
   * that is chosen for the session.
   */
  readonly askAgain: (messageId: string, model?: string) => void;
  /** Lets an answer that is not whole go on. */
  readonly goOn: (messageId: string) => void;
  readonly remove: (messageId: string) => void;
  /** Asks another version of a question, or changes one that waits; false when the server refused it. */
  readonly edit: (messageId: string, said: Saying) => Promise<boolean>;
  /** Shows the branch of this message, to everybody. */
  readonly select: (messageId: string) => Promise<void>;
  /** Copies the conversation up to this message into a new session, and shows that. */
  readonly fork: (messageId: string) => Promise<void>;
};
