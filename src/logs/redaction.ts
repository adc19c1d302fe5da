/** Removes what must not reach a log: the values of secret keys, and secrets inside text (SPEC [LOG4]). */

export const redacted = '[redacted]';

/**
 * A key whose last word is one of these, ignoring case and punctuation, has a secret value: `x-api-key`,
 * `accessToken`.
 */
const secretEndings = [
  'apikey',
  'apikeys',
  'accesskey',
  'authorization',
  'cookie',
  'credentials',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'secretkey',
  'token',
];

export function isSecretKey(key: string): boolean {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretEndings.some((ending) => plain.endsWith(ending));
}

/** Replaces passwords in URLs, values of secret keys in query strings, and bearer tokens. Takes linear time. */
export function redactedText(text: string): string {
  let result = text;
  if (text.includes('://')) {
    result = result.replace(/(:\/\/[^\s/?#:@]*:)[^\s/?#]*@/g, `$1${redacted}@`);
  }
  if (text.includes('=')) {
    result = result.replace(
      /([?&])([^\s?&=#]{1,100})=([^\s&#"'<>]+)/g,
      (whole: string, mark: string, name: string) =>
        isSecretKey(decoded(name)) ? `${mark}${name}=${redacted}` : whole,
    );
  }
  return result.replace(/\b([Bb]earer)\s+[\w.~+/=-]+/g, `$1 ${redacted}`);
}

/** A parser of the query treats `api%4Bey` as the key `apiKey`. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Replaces the API key `key` in `text`: providers quote keys that they reject. */
export function withoutKey(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll(key, redacted);
}
