/** What must not reach a log: the values of secret keys, and secrets inside text (SPEC [LOG4]). */

export const redacted = '[redacted]';

/** Last words of keys, without case and punctuation, whose values are secrets: `x-api-key`, `accessToken`. */
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

/** Replaces passwords in URLs, values of secret keys in query strings, and bearer tokens. Linear in its length. */
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

/** `api%4Bey` is the same key as `apiKey` to whoever parses the query. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** `text` with the API key `key` replaced: providers repeat keys that they do not accept. */
export function withoutKey(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll(key, redacted);
}
