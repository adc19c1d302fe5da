/** What every row of a command table says: how a command is given, and who may give it. */
export type CommandDescription = {
  readonly summary: string;
  /** The command's REST route. */
  readonly rest: { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string };
  /** The command's `callboard.v1` frame; `null`: only REST accepts it. */
  readonly frame: string | null;
  /**
   * `inspector`: where keys are configured, only an inspect key may give it, and pages of other origins never may
   * ([CMD6]).
   */
  readonly who: 'anyone' | 'inspector';
};
