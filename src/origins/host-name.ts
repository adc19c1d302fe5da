/** Host names, as the header `Host` and settings have them, and which of them name this machine alone. */

/** What may stand in `Host`: no user, path, query or fragment, which a URL would take as well. */
const authority = /^[^\s/?#@\\]+$/;

/** The name in a `Host` header, without its port, as a URL writes it: `[::1]`; `undefined`: it is malformed. */
export function hostName(host: string): string | undefined {
  if (!authority.test(host)) return undefined;
  const hostname = URL.parse(`http://${host}`)?.hostname;
  return hostname === '' ? undefined : hostname;
}

/** A host of the setting `allowedHosts`, as {@link hostName} returns it; `undefined`: it is not one, or has a port. */
export function allowedHost(text: string): string | undefined {
  // The name of a URL never has a port, and an IPv6 address has its brackets, so that a port would show.
  const isBare = /^(?:\[[^\]]*\]|[^:]*)$/.test(text);
  return isBare && !text.includes('*') ? hostName(text) : undefined;
}

/** `localhost`, what is below it, `127.0.0.0/8` and `::1`. `hostname` is as {@link hostName} returns it. */
export function isLoopbackName(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  // A URL writes every IPv4 address as four numbers, so that no domain looks like one.
  return hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Whether a server that listens on this address, as the setting `host` has it, can be reached by this machine alone. */
export function isLoopbackAddress(host: string): boolean {
  const hostname = hostName(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
  return hostname !== undefined && isLoopbackName(hostname);
}
