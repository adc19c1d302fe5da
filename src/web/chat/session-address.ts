/** The page's address names the session that is shown: `?session=ID`, as in the inspector. */
import { isIdText } from '../id-text.ts';

/** `undefined`: a new session. */
export function sessionInAddress(): string | undefined {
  const id = new URLSearchParams(location.search).get('session') ?? '';
  return isIdText(id) ? id : undefined;
}

export function sessionQuery(id: string | undefined): string {
  return id === undefined ? '' : `?session=${id}`;
}

export function showSessionInAddress(id: string | undefined): void {
  if (id === sessionInAddress()) return;
  history.pushState(null, '', sessionQuery(id) || location.pathname);
}
