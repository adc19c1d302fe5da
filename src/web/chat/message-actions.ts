/** What the user can do with a message. */
export type MessageActions = {
  /** Has the question, or the one that this answers, answered again, instead of the old answer. */
  readonly askAgain: (messageId: string) => void;
  /** Lets an answer that is not whole go on. */
  readonly goOn: (messageId: string) => void;
  readonly remove: (messageId: string) => void;
};
