/**
 * Which hosts and origins are answered, and what browsers are told of it (SPEC [CORS1]–[CORS8], docs/protocol.md B13).
 *
 * Without API keys, whoever can send a request may do everything. Programs of this machine may; pages that a browser
 * of this machine shows must not, unless they are the server's own or their origin is allowed. A browser says in
 * `Origin` and `Sec-Fetch-Site` where a page is from; a page whose host name was bound to this machine's address
 * (DNS rebinding) is the server's own to the browser, and is found out by `Host`.
 */
import type { Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import { type AllowedOrigin, isAllowedOrigin } from '../../origins/allowed-origin.ts';
import { type Header, isOfOtherOrigin } from '../../origins/cross-origin.ts';
import { hostName, isLoopbackName } from '../../origins/host-name.ts';

export type OriginPolicyOptions = {
  /** Whether requests without credentials are served. */
  readonly isOpen: () => boolean;
  /** As `allowedHost` returns them. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly log: Log;
};

/** The parts of a request that count. A header's value is empty when the header is absent. */
export type PolicyRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly header: (
    name: 'host' | 'origin' | 'sec-fetch-dest' | 'sec-fetch-mode' | 'sec-fetch-site',
  ) => string;
};

export type OriginPolicy = {
  /** `isPage`: the path is that of a page, or of nothing. */
  readonly refusalOf: (request: PolicyRequest, isPage: boolean) => Refusal | undefined;
  /** The headers of every response. `origin` is the header of the request, empty when absent. */
  readonly headers: (origin: string) => readonly Header[];
};

export function originPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { isOpen, allowedOrigins, log } = options;
  const allowedHosts = new Set(options.allowedHosts);
  const told = new Set<string>();

  function isAnsweredHost(host: string): boolean {
    const name = hostName(host);
    return name !== undefined && (isLoopbackName(name) || allowedHosts.has(name));
  }

  /** A browser does not say in the page's console why it could not read an answer, so the log does. */
  function refusedWith(message: string): Refusal {
    if (told.size < limits.refusedOriginsLogged && !told.has(message)) {
      told.add(message);
      log.warn(`refused a request: ${message}`);
    }
    return refusal('forbidden', message);
  }

  return {
    refusalOf({ method, pathname, header }, isPage) {
      if (!isOpen()) return undefined;
      const [host, origin, site] = [header('host'), header('origin'), header('sec-fetch-site')];
      // Who watches a server often asks for it by another name.
      if (!isAnsweredHost(host) && !/^\/health(?:\/|$)/.test(pathname)) return refusedWith(hostMessage(host));
      if (isAllowedOrigin(origin, allowedOrigins)) return undefined;
      if (isOfOtherOrigin(origin, host)) return refusedWith(originMessage(origin));
      // Requests that only read may have no origin; programs do not say what site they are from.
      if (site === '' || site === 'same-origin' || site === 'none') return undefined;
      const isNavigation =
        method === 'GET' &&
        header('sec-fetch-mode') === 'navigate' &&
        header('sec-fetch-dest') === 'document';
      return isNavigation && isPage ? undefined : refusedWith(siteMessage);
    },
    headers(origin) {
      const isListed = isAllowedOrigin(origin, allowedOrigins);
      // Pages of the server itself need none of it.
      const isEchoed = isListed || (!isOpen() && origin !== '');
      return [
        ...(isEchoed ? [['Access-Control-Allow-Origin', origin] as const] : []),
        ...(isListed ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
        ['Vary', 'Origin'],
      ];
    },
  };
}

const siteMessage =
  'A page of another origin asked for this without naming its origin. Without apiKeys, only origins in "allowedOrigins" of the config are answered, and must send the header Origin';

function hostMessage(host: string): string {
  const name = hostName(host);
  const line =
    name === undefined
      ? 'The setting "allowedHosts" names those that are'
      : `To answer them, add to the config: ${lineOf('allowedHosts', name)}`;
  return `Without apiKeys, requests to the host ${shown(host)} are not answered. ${line}`;
}

function originMessage(origin: string): string {
  const line =
    origin === 'null'
      ? 'The setting "allowedOrigins" names those that are, and cannot name this one'
      : `To answer them, add to the config: ${lineOf('allowedOrigins', origin)}`;
  return `Without apiKeys, pages of the origin ${shown(origin)} are not answered. ${line}`;
}

function lineOf(setting: 'allowedHosts' | 'allowedOrigins', value: string): string {
  return `"${setting}": [${shown(value)}]`;
}

function shown(text: string): string {
  return JSON.stringify(cutText(text, limits.refusedOriginUnitsMax));
}
