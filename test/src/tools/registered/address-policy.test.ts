/**
 * Which addresses may be called. Goal: nothing that only this machine or its network reaches, in whatever form it is
 * written; a range that the configuration allows, and no more. Method: properties over addresses, and a table of the
 * forms in which a private address may hide.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkRange } from '../../../../src/config/network-range.ts';
import { addressPolicy } from '../../../../src/tools/registered/address-policy.ts';

const byte = fc.nat({ max: 255 });
const ipv4 = (...parts: fc.Arbitrary<number>[]) => fc.tuple(...parts).map((all) => all.join('.'));
const at = (value: number) => fc.constant(value);

const privateIpv4 = fc.oneof(
  ipv4(at(127), byte, byte, byte),
  ipv4(at(10), byte, byte, byte),
  ipv4(at(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  ipv4(at(192), at(168), byte, byte),
  ipv4(at(169), at(254), byte, byte),
  ipv4(at(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  ipv4(at(0), byte, byte, byte),
  ipv4(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);

const group = fc.nat({ max: 0xffff }).map((value) => value.toString(16));
const privateIpv6 = fc.oneof(
  fc.constantFrom('::1', '::', '100::1', '2001:db8::1', 'ff02::1'),
  fc
    .tuple(fc.integer({ min: 0xfc00, max: 0xfdff }), group)
    .map(([first, last]) => `${first.toString(16)}::${last}`),
  fc
    .tuple(fc.integer({ min: 0xfe80, max: 0xfeff }), group)
    .map(([first, last]) => `${first.toString(16)}::${last}`),
);

/** The forms of IPv6 in which an IPv4 address travels. */
const carried = privateIpv4.chain((address) => {
  const bytes = address.split('.').map(Number);
  const hex = (index: number) => (((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)).toString(16);
  const tail = `${hex(0)}:${hex(2)}`;
  return fc.constantFrom(
    `::ffff:${address}`,
    `::ffff:${tail}`,
    `::ffff:0:${tail}`,
    `64:ff9b::${tail}`,
    `64:ff9b:1::${tail}`,
    `2002:${tail}::`,
    `2001:0:${tail}::`,
  );
});

describe('the addresses of registered tools', () => {
  it('[RTL14] are public ones, whatever form a private one takes', () => {
    const { problemOf } = addressPolicy([]);
    fc.assert(
      fc.property(fc.oneof(privateIpv4, privateIpv6, carried), (address) => {
        expect(problemOf(address)).toContain('is not a public address');
      }),
      { numRuns: 2000 },
    );
    for (const address of ['8.8.8.8', '93.184.216.34', '2001:4860:4860::8888', '2606:2800:220:1::1']) {
      expect(problemOf(address)).toBeNull();
    }
    for (const text of ['', 'localhost', '256.1.1.1', '127.1 ', 'example.org'])
      expect(problemOf(text)).not.toBeNull();
  });

  it('[RTL14] are those of the allowed ranges, too, and no others', () => {
    const { problemOf } = addressPolicy(['10.1.0.0/16', '127.0.0.1', 'fd00:1::/32', '::ffff:192.168.1.1']);
    for (const address of [
      '10.1.2.3',
      '127.0.0.1',
      '::ffff:10.1.2.3',
      'fd00:1::5',
      '192.168.1.1',
      '1.1.1.1',
    ]) {
      expect(problemOf(address)).toBeNull();
    }
    for (const address of ['10.2.0.1', '127.0.0.2', 'fd00:2::5', '::1', '192.168.1.2', '169.254.169.254']) {
      expect(problemOf(address)).toContain('toolPrivateNetworks');
    }
  });

  it('[RTL14] are given as ranges or whole addresses, never abbreviated', () => {
    for (const text of ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8'])
      expect(networkRange(text)).not.toBeNull();
    for (const text of ['10.1', '127.1', '0x7f000001', '2130706433', '10.0.0.0/33', 'example.org', '', '*']) {
      expect(networkRange(text)).toBeNull();
    }
  });
});
