/** Origins of the setting `allowedOrigins`: exact ones, or every subdomain of a domain. */

/** Parsed parts, so that capitals and the scheme's own port make no difference. */
type Origin = { readonly protocol: string; readonly hostname: string; readonly port: string };

export type AllowedOrigin = Origin & {
  /** `hostname` begins with a dot, and stands for what is below it, at any depth. */
  readonly isWildcard: boolean;
};

/** `https://app.example.com`, `http://localhost:5173`, `https://*.example.com`; `undefined`: it is no such thing. */
export function allowedOrigin(text: string): AllowedOrigin | undefined {
  const [, scheme, star, rest] = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?([^*]+)$/i.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  const origin = parsedOrigin(`${scheme}://${rest}`);
  if (origin === undefined) return undefined;
  const isWildcard = star !== undefined;
  // Addresses have no subdomains.
  if (isWildcard && /^\[|^\d+\.\d+\.\d+\.\d+$/.test(origin.hostname)) return undefined;
  return { ...origin, isWildcard, hostname: isWildcard ? `.${origin.hostname}` : origin.hostname };
}

/** Whether the value of a header `Origin` is allowed; `null` never is. */
export function isAllowedOrigin(origin: string, allowed: readonly AllowedOrigin[]): boolean {
  const given = parsedOrigin(origin);
  if (given === undefined) return false;
  return allowed.some(
    ({ protocol, hostname, port, isWildcard }) =>
      protocol === given.protocol &&
      port === given.port &&
      (isWildcard
        ? given.hostname.endsWith(hostname) && given.hostname.length > hostname.length
        : given.hostname === hostname),
  );
}

function parsedOrigin(text: string): Origin | undefined {
  if (!/^[^/]+:\/\/[^\s/?#@\\]+$/.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null || url.hostname === '') return undefined;
  const { protocol, hostname, port } = url;
  return { protocol, hostname, port };
}
