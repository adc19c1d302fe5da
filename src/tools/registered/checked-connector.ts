/**
 * Connections to registered tools. The address is checked where it is used: in the `lookup` of the connection itself, so
 * that no second answer of a name server can lead elsewhere, and once more on the open connection.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { limits } from '../../../schema/limits.ts';
import type { AddressPolicy } from './address-policy.ts';

/** There must be no connection to this address. Trying again does not help. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

/** All addresses of a name, as `dns.lookup` with `all: true` finds them. */
export type FindAddresses = (
  hostname: string,
  found: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemAddresses: FindAddresses = (hostname, found) =>
  systemLookup(hostname, { all: true }, (error, addresses) => found(error, addresses ?? []));

/** A connector for undici. Its errors are {@link ForbiddenAddress} or those of the network. */
export function checkedConnector(
  policy: AddressPolicy,
  findAddresses: FindAddresses = systemAddresses,
): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, done) => {
    findAddresses(hostname, (error, addresses) => {
      if (error !== null) return done(error, '');
      // One forbidden address is enough: which of them is used, somebody else decides.
      const problem = addresses.map(({ address }) => policy.problemOf(address)).find((one) => one !== null);
      if (problem != null)
        return done(new ForbiddenAddress(`${hostname} has an address that is not allowed: ${problem}`), '');
      const [first] = addresses;
      if (first === undefined) return done(new Error(`${hostname} has no address`), '');
      if (options.all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
  const connect = buildConnector({
    lookup,
    timeout: limits.registeredToolConnectMs,
    allowH2: false,
  });
  return (options, callback) => {
    // An address in the URL is not looked up.
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const literal = isIP(host) === 0 ? null : policy.problemOf(host);
    if (literal !== null) return callback(new ForbiddenAddress(literal), null);
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const problem = policy.problemOf(socket.remoteAddress ?? '');
      if (problem === null) return callback(null, socket);
      socket.destroy();
      callback(new ForbiddenAddress(problem), null);
    });
  };
}
