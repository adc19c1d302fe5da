/**
 * Which addresses registered tools may be called at: public ones, and those that the configuration allows. Whoever
 * registers a tool must not reach what only this machine reaches: its own ports, the network behind it, a cloud's
 * metadata.
 */
import ipaddr from 'ipaddr.js';

export type AddressPolicy = {
  /** Why there must be no connection to this IP address; `null`: there may be one. */
  readonly problemOf: (address: string) => string | null;
};

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Whether a text is a range of addresses as the setting has it: `10.1.0.0/16`, `fd00::/8`, or one address. */
export function isNetwork(text: string): boolean {
  return networkOf(text) !== null;
}

/** `allowed`: ranges of addresses that may be called although they are not public. */
export function addressPolicy(allowed: readonly string[]): AddressPolicy {
  const networks = allowed.map(networkOf).filter((network) => network !== null);
  return {
    problemOf: (address) => {
      // An IPv6 address that carries an IPv4 address leads there, so it counts as that one.
      const parsed = ipaddr.isValid(address) ? ipaddr.process(address) : null;
      if (parsed === null) return `${address} is no IP address`;
      const range = parsed.range();
      if (range === 'unicast' || networks.some((network) => contains(network, parsed))) return null;
      return `${address} is not a public address (${range}), and toolPrivateNetworks does not allow it`;
    },
  };
}

function contains([base, bits]: Network, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}

function networkOf(text: string): Network | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  // `isValid` takes abbreviations such as `10.1`, which mean something else than one thinks.
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
