/**
 * The page's address: `?session=ID` shows a live session, `?session=ID&seq=N` shows a stored one as it was at step
 * `N` of its journal; `actor` is the selected actor. In the file of a recording they are in the fragment.
 */
import { isIdText } from '../id-text.ts';

/** `seq`: `null` for the present; 0: its first step. */
export type Place = {
  readonly sessionId: string | null;
  readonly seq: number | null;
  /** Path of an actor. */
  readonly actorId: string | null;
};

/** Leaves out parameters that are not valid. */
export function placeOf(query: string): Place {
  const given = new URLSearchParams(query);
  const session = given.get('session') ?? '';
  const sessionId = isIdText(session) ? session.toLowerCase() : null;
  const seq = given.get('seq') ?? '';
  const isStep = /^\d{1,16}$/.test(seq) && Number.isSafeInteger(Number(seq));
  return {
    sessionId,
    seq: sessionId === null || !isStep ? null : Number(seq),
    actorId: given.get('actor'),
  };
}

/** The query string of a place; empty when it names no session. */
export function queryOf({ sessionId, seq, actorId }: Place): string {
  const query = new URLSearchParams();
  if (sessionId !== null) query.set('session', sessionId);
  if (seq !== null) query.set('seq', String(seq));
  if (actorId !== null) query.set('actor', actorId);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The first part of an actor's path: focusing it brings the events of every actor below it. */
export function rootPathOf(actorId: string): string {
  return actorId.split('/')[0] ?? actorId;
}

export function rootOfSession(sessionId: string): string {
  return `session.${sessionId}`;
}
