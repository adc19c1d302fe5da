/** What every row of a command table says: how a command is given, and who may give it. */

import type { Scope } from './principal.ts';
import type { SessionAction } from './role-permissions.ts';

export type CommandDescription = {
  readonly summary: string;
  /** The command's REST route. */
  readonly rest: { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string };
  /** The command's `callboard.v1` frame; `null`: only REST accepts it. */
  readonly frame: string | null;
  /** What the principal that gives it must be allowed ([CMD6]). */
  readonly scope: Scope;
  /** What its role in the session, or in that of the turn or trace, must allow ([OWN3]); `null`: it concerns none. */
  readonly action: SessionAction | null;
  /** Pages of other origins may not give it, whatever their principal is allowed ([CMD6]). */
  readonly sameOrigin: boolean;
};
