/** A frame as a reader received it; a compact delta as the delta that it is short for. */
export type ReceivedFrame = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly seq?: number;
  readonly snapshot?: true;
  readonly id?: string | number;
  /** What the text is called in compact deltas from here on. */
  readonly number?: number;
};
