/** A frame as a reader received it. */
export type ReceivedFrame = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly seq?: number;
  readonly snapshot?: true;
  readonly id?: string | number;
};
