/**
 * Goal: a client is counted by an address that it cannot choose ([LIM21]). Method: `X-Forwarded-For` made of what a
 * client wrote and what trusted proxies added, against a model that knows who is who.
 */
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, it } from 'vitest';
import { networkRange } from '../../../../src/config/network-range.ts';
import { clientAddress, networkOf, untoldProxy } from '../../../../src/gateway/http/client-address.ts';

function proxies(...texts: string[]) {
  return texts.map((text) => networkRange(text) ?? expect.fail(text));
}

const trusted = proxies('10.0.0.0/8', 'fd00::/8', '127.0.0.1');
const none = () => [];
const ofProxy = fc.oneof(
  fc.ipV4().map((text) => `10.${text.split('.').slice(1).join('.')}`),
  fc.constantFrom('fd00::1', '127.0.0.1', '::ffff:10.1.2.3'),
);
const ofClient = fc
  .oneof(
    fc.ipV4(),
    fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 8, maxLength: 8 }).map((groups) => {
      return groups.map((group) => group.toString(16)).join(':');
    }),
  )
  .filter((text) => clientAddress(text, trusted, () => ['192.0.2.77']) !== '192.0.2.77');

it('[LIM21] the rightmost address that no trusted proxy has counts, whatever the client wrote before it', () => {
  const forged = fc.array(fc.oneof(ofClient, ofProxy, fc.string()), { maxLength: 5 });
  fc.assert(
    fc.property(forged, ofClient, fc.array(ofProxy, { minLength: 1, maxLength: 4 }), (lies, client, hops) => {
      const [last = '', ...before] = hops.toReversed();
      const counted = clientAddress(last, trusted, () => [...lies, client, ...before.toReversed()]);
      expect(counted).toBe(clientAddress(client, [], none));
    }),
  );
});

it('[LIM21] the header of whoever is no trusted proxy is not even read', () => {
  fc.assert(
    fc.property(ofClient, (client) => {
      fc.pre(ipaddr.process(client).range() !== 'loopback');
      expect(clientAddress(client, trusted, () => expect.fail())).toBe(clientAddress(client, [], none));
    }),
  );
});

it('[LIM21] all addresses of a /64 count as one, and those of another do not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }), fc.nat(15), (bytes, place) => {
      const other = bytes.map((byte, index) => (index === place ? byte ^ 1 : byte));
      const [one, two] = [bytes, other].map((all) => ipaddr.fromByteArray(all).toString());
      const key = (text = '') => clientAddress(text, [], none);
      // Those that hold an IPv4 address are that address.
      fc.pre(!bytes.slice(0, 10).every((byte) => byte <= 1));
      expect(key(one) === key(two)).toBe(place >= 8);
      expect(networkOf(key(one)) === networkOf(key(two))).toBe(place >= 4);
    }),
  );
});

it.each([
  ['a port', ['198.51.100.7:4711'], '198.51.100.7'],
  ['an IPv6 address in brackets', ['[2001:db8::1]:443'], '2001:db8::/64'],
  ['an IPv4 address as IPv6', ['::ffff:198.51.100.7'], '198.51.100.7'],
  ['no address: whoever passed it on counts', ['unknown'], '10.0.0.1'],
  ['no address before a proxy', ['198.51.100.7', 'unknown', '10.0.0.2'], '10.0.0.2'],
  ['nothing', [''], '10.0.0.1'],
  ['proxies alone', ['10.0.0.3', '10.0.0.2'], '10.0.0.3'],
])('[LIM21] an entry may be %s', (_what, forwarded, counted) => {
  expect(clientAddress('10.0.0.1', trusted, () => forwarded)).toBe(counted);
});

it('counts IPv4 by /16 where very many addresses are counted', () => {
  expect(networkOf('198.51.100.7')).toBe('198.51.0.0/16');
  expect(networkOf('unknown')).toBe('unknown');
});

it.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])(
  '[LIM21] who comes through a proxy at %s that nobody told of is counted by no address',
  (proxy) => {
    expect(clientAddress(proxy, [], () => ['192.0.2.1'])).toBe(untoldProxy);
    expect(clientAddress(proxy, [], none)).not.toBe(untoldProxy);
    expect(clientAddress(proxy, proxies('127.0.0.0/8', '::1'), () => ['192.0.2.1'])).toBe('192.0.2.1');
  },
);
