/** What the events of a walk through a machine are made of, for `machine-words.ts`. */

/** Random values for one event. */
export type Dice = {
  readonly at: number;
  readonly number: number;
  readonly flag: boolean;
  readonly text: string;
  /** Different for every event of a walk. */
  readonly nth: number;
};

export type Heard = { readonly type: string };
