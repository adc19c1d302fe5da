/** What goes between the event loop and a thread that has an SQLite connection of its own. */
import type { SQLInputValue } from 'node:sqlite';

/**
 * The text of a statement. It goes over once, with a number, which stands for it until another text comes with that
 * number.
 */
export type TextNumber = { readonly number: number; readonly sql?: string };

export type ThreadStatement = {
  readonly text: TextNumber;
  readonly parameters: readonly SQLInputValue[];
};

export type ThreadRequest = { readonly id: number } & (
  | ({ readonly kind: 'query' } & ThreadStatement)
  /** Written in one transaction, one after the other. */
  | { readonly kind: 'batch'; readonly statements: readonly ThreadStatement[] }
  /** The thread ends after its answer. */
  | { readonly kind: 'close' }
);

export type ThreadAnswer = { readonly id: number } & (
  | { readonly kind: 'done'; readonly outcome: ThreadOutcome }
  | { readonly kind: 'failed'; readonly failure: ThreadFailure }
);

export type ThreadOutcome = {
  /** Of all statements that return some. */
  readonly rows: readonly object[];
  /** How many rows the statement wrote; 0 for a batch. */
  readonly changes: number;
};

/** An error of SQLite or of its binding. A copy of an `Error` would lose the codes. */
export type ThreadFailure = {
  readonly message: string;
  readonly code?: string;
  /** SQLite's extended result code. */
  readonly errcode?: number;
};
