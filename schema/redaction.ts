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

/** Replaces passwords in URLs, values of secret keys in query strings, bearer tokens, and secrets of
 * stored keys. Takes linear time. */
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
  if (text.includes('cb_')) result = result.replace(/\bcb_[\w-]{43,}/g, redacted);
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

/**
 * `text` without the secrets of a provider: its key and the values of its own headers, which providers repeat when they
 * do not accept them, and whatever else looks like one.
 */
export function withoutSecrets(
  text: string,
  {
    apiKey,
    headers,
  }: { readonly apiKey?: string | undefined; readonly headers: Readonly<Record<string, string>> },
): string {
  const values = Object.values(headers).flatMap((value) => [value, value.replace(/^\w+\s+/, '')]);
  const secrets = [...(apiKey === undefined ? [] : [apiKey]), ...values.filter((value) => value.length >= 8)];
  return redactedText(secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), text));
}
