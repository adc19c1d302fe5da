/**
 * Which addresses registered tools may be called at: public ones, and those that the configuration allows. Whoever
 * registers a tool must not reach what only this machine reaches: its own ports, the network behind it, a cloud's
 * metadata.
 */
import ipaddr from 'ipaddr.js';
import { type NetworkRange, networkRange } from '../../config/network-range.ts';

export type AddressPolicy = {
  /** Why there must be no connection to this IP address; `null`: there may be one. */
  readonly problemOf: (address: string) => string | null;
};

/** `allowed`: ranges of addresses that may be called although they are not public. */
export function addressPolicy(allowed: readonly string[]): AddressPolicy {
  const networks = allowed.map(networkRange).filter((network) => network !== null);
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

function contains([base, bits]: NetworkRange, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return base.kind() === address.kind() && address.match(base, bits);
}
