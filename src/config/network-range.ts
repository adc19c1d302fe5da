/** Ranges of IP addresses, as settings have them. */
import ipaddr from 'ipaddr.js';

/** The first address, and how many bits of it count. */
export type NetworkRange = ReturnType<typeof ipaddr.parseCIDR>;

/** `10.1.0.0/16`, `fd00::/8`, or one address; `null`: it is neither. */
export function networkRange(text: string): NetworkRange | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  // Abbreviations such as `10.1` mean something else than one thinks.
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
