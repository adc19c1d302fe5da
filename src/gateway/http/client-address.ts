/**
 * By which address a client is counted. `X-Forwarded-For` is whatever its sender wrote, so it is read only when it comes
 * from a proxy that the operator trusts, from the right: each trusted proxy added the address that it saw ([LIM21]).
 */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import ipaddr from 'ipaddr.js';
import { limits } from '../../../schema/limits.ts';
import { type NetworkRange, networkRange } from '../../config/network-range.ts';

/** An IPv4 address, or the /64 network of an IPv6 address: one client has all addresses of such a network. */
export type ClientAddress = string & { readonly __brand: 'ClientAddress' };

/**
 * The address of everybody behind a proxy on the server's own machine that is not in `trustedProxies`. Nobody is limited by
 * it: one client could use up what all of them have.
 */
export const untoldProxy = counted('a proxy on this machine');

/** Call it while uWebSockets.js still has the request. */
export type ClientAddresses = (res: HttpResponse, req: HttpRequest) => ClientAddress;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * `trusted`: addresses and ranges of proxies. Throws a RangeError for a malformed one. `foundUntold` is called once, for the
 * first request through {@link untoldProxy}.
 */
export function clientAddresses(
  trusted: readonly string[],
  foundUntold: (address: string) => void,
): ClientAddresses {
  let isFound = false;
  const proxies = trusted.map((text) => {
    const range = networkRange(text);
    if (range === null) throw new RangeError(`${JSON.stringify(text)} is no address and no range`);
    return range;
  });
  return (res, req) => {
    const remote = Buffer.from(res.getRemoteAddressAsText()).toString('latin1');
    const address = clientAddress(remote, proxies, () => forwardedFor(req));
    if (address === untoldProxy && !isFound) {
      isFound = true;
      foundUntold(remote);
    }
    return address;
  };
}

/**
 * `forwarded` returns the addresses of `X-Forwarded-For`; it is called only for proxies and for loopback addresses. An
 * entry that is no address ends the walk: the proxy that passed it on counts.
 */
export function clientAddress(
  remote: string,
  proxies: readonly NetworkRange[],
  forwarded: () => readonly string[],
): ClientAddress {
  let client = parsed(remote);
  // A socket of another family than IP: all of its clients are one.
  if (client === null) return counted('unknown');
  if (!isOf(client, proxies)) {
    return client.range() === 'loopback' && forwarded().length > 0 ? untoldProxy : addressKey(client);
  }
  for (const text of forwarded().slice(-limits.forwardedAddressesMax).toReversed()) {
    const before = parsed(withoutPort(text.trim()));
    if (before === null) break;
    client = before;
    if (!isOf(client, proxies)) break;
  }
  return addressKey(client);
}

/** The network that counts as one when very many addresses do: of IPv4 the /16, of IPv6 the /32. */
export function networkOf(address: string): string {
  const [network = address, bits] = address.split('/');
  const known = parsed(network);
  if (known === null) return address;
  return known.kind() === 'ipv4' && bits === undefined ? prefix(known, 16) : prefix(known, 32);
}

/** All headers of that name: a proxy may add one of its own behind the one that the client sent. */
function forwardedFor(req: HttpRequest): readonly string[] {
  if (req.getHeader('x-forwarded-for') === '') return [];
  const values: string[] = [];
  req.forEach((name, value) => {
    if (name === 'x-forwarded-for') values.push(value);
  });
  return values.join(',').split(',');
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, inBrackets] = /^\[(.*)\](?::\d+)?$/.exec(text) ?? [];
  if (inBrackets !== undefined) return inBrackets;
  const [, ipv4] = /^([\d.]+):\d+$/.exec(text) ?? [];
  return ipv4 ?? text;
}

/** Those that were read last: nearly every request comes from one of them. */
const addressesRead = new Map<string, Address | null>();

function parsed(text: string): Address | null {
  const known = addressesRead.get(text);
  if (known !== undefined) return known;
  const address = read(text);
  if (addressesRead.size >= limits.addressesReadMax) addressesRead.clear();
  if (text.length <= limits.addressCharactersMax) addressesRead.set(text, address);
  return address;
}

/** An IPv4 address in the form of an IPv6 one becomes an IPv4 address. `null`: it is none. */
function read(text: string): Address | null {
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  return ipaddr.process(text);
}

function isOf(address: Address, ranges: readonly NetworkRange[]): boolean {
  return ranges.some(([network, bits]) => {
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

function addressKey(address: Address): ClientAddress {
  return counted(address.kind() === 'ipv4' ? address.toString() : prefix(address, 64));
}

function prefix(address: Address, bits: number): string {
  const whole = bits / 8;
  const bytes = address.toByteArray().map((byte, index) => (index < whole ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}

function counted(text: string): ClientAddress {
  return text as ClientAddress;
}
