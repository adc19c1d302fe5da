/** Error messages for users: what happened and what can be done, and apart from it what a developer wants to know. */
import type { CallboardError, ErrorCode } from '../../client/client.ts';

export type Notice = {
  readonly words: string;
  /** The server's own message and its code; absent: there is nothing more to know. */
  readonly details?: string;
};

const words: Partial<Readonly<Record<ErrorCode, string>>> = {
  not_found: 'This session was deleted, here or somewhere else.',
  unauthorized: 'The server does not accept the key any more. Sign in again.',
  forbidden: 'The server does not let you do this. Ask whoever runs it.',
  validation_failed: 'The server does not take this as it is. Change it and try again.',
  bad_request: 'The server does not take this as it is. Change it and try again.',
  body_too_large: 'This is more than the server takes at once. Make it shorter.',
  unavailable: 'The server cannot do this just now. Try again in a moment.',
  overloaded: 'The server has too much to do. Try again in a moment.',
  shutting_down: 'The server is restarting. Try again in a moment.',
  unreachable: 'The server does not answer. Check the connection, then try again.',
  internal: 'Something went wrong on the server. Try again; if it happens again, tell whoever runs it.',
  client_busy: 'Too many messages wait to be sent. Wait until the connection is back.',
  closed: 'The connection was closed. Reload the page to go on.',
  session_busy: 'The session has too much to do. Try again in a moment.',
  queue_full: 'Too many messages wait here. Wait for the next answer, or remove one of them.',
  tokens_per_day: 'The tokens of today are used up. Go on tomorrow.',
};

/** Uses the server's own message where it says more. */
export function errorWords(error: CallboardError): string {
  return words[error.code] ?? error.message;
}

export function errorNotice(error: CallboardError): Notice {
  const said = errorWords(error);
  return { words: said, details: said === error.message ? error.code : `${error.message} (${error.code})` };
}
