/** The title of the browser's tab: the session, and what becomes of it. */
import { shownTitle } from './session-title.ts';

export type TitledPage = {
  /** `undefined`: a new session is being begun, or its title is not known yet. */
  readonly session: string | undefined;
  readonly isLost: boolean;
  /** A call of the session waits for the user. */
  readonly isWaiting: boolean;
  readonly isAnswering: boolean;
  /** How many other sessions wait for the user. */
  readonly othersWaiting: number;
};

export function pageTitle({ session, isLost, isWaiting, isAnswering, othersWaiting }: TitledPage): string {
  const count = othersWaiting === 0 ? '' : `(${othersWaiting}) `;
  const state = isLost ? 'Offline: ' : isWaiting ? 'Waiting for you: ' : isAnswering ? 'Answering: ' : '';
  return `${count}${state}${session === undefined ? 'New session' : shownTitle(session)} – Callboard`;
}
