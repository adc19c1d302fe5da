/** Error messages for users. */
import type { CallboardError, ErrorCode } from '../../client/client.ts';

const words: Partial<Readonly<Record<ErrorCode, string>>> = {
  not_found: 'This session was deleted, here or somewhere else.',
  unauthorized: 'The server does not accept the key any more.',
  unavailable: 'The server cannot do this just now. Try again in a moment.',
  unreachable: 'The server does not answer.',
  client_busy: 'Too many messages wait to be sent. Wait until the connection is back.',
  closed: 'The connection was closed. Reload the page to go on.',
};

/** Uses the server's own message where it says more. */
export function errorWords(error: CallboardError): string {
  return words[error.code] ?? error.message;
}
