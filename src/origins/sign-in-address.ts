/** Where people sign in, as the setting `signInUrl` has it. */
import { isLoopbackName } from './host-name.ts';

/**
 * Whether a page may lead people there: an `https://` URL, an `http://` URL of this machine, or a path of the server's own
 * origin. Nothing with a user or password in it, and nothing that a browser would read as something else.
 */
export function isSignInAddress(text: string): boolean {
  // A URL takes white space and control characters out of itself before it is read.
  if (/[\s\p{Cc}]/u.test(text)) return false;
  if (text.startsWith('/')) return URL.parse(text, own)?.origin === own;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackName(url.hostname));
}

/** `//host` and `/\host` lead away from any origin. */
const own = 'https://origin.invalid';
