/** The entries of `allowedOrigins` and `allowedHosts`, and the addresses that this machine alone reaches. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedOrigin, isAllowedOrigin } from '../../../src/origins/allowed-origin.ts';
import { allowedHost, isLoopbackAddress } from '../../../src/origins/host-name.ts';
import { InsecureListenError, isReachedByOthers } from '../../../src/origins/insecure-listen-error.ts';

function isAllowed(origin: string, entry: string): boolean {
  const parsed = allowedOrigin(entry);
  if (parsed === undefined) throw new Error(`${entry} is no entry`);
  return isAllowedOrigin(origin, [parsed]);
}

describe('allowedOrigins', () => {
  it('[CORS8] are compared without regard to capitals and to the port of the scheme', () => {
    expect(isAllowed('https://app.example', 'HTTPS://App.Example:443')).toBe(true);
    expect(isAllowed('http://localhost:5173', 'http://localhost:5173')).toBe(true);
    expect(isAllowed('chrome-extension://abcdef', 'chrome-extension://abcdef')).toBe(true);
    expect(isAllowed('http://[::1]:8080', 'http://[::1]:8080')).toBe(true);
    for (const origin of [
      'http://app.example',
      'https://app.example:8443',
      'https://xapp.example',
      'null',
      '',
    ]) {
      expect(isAllowed(origin, 'https://app.example')).toBe(false);
    }
  });

  it('[CORS8] with a star allow what is below a domain, and neither the domain nor what only ends alike', () => {
    const domain = fc.domain();
    fc.assert(
      fc.property(domain, domain, fc.constantFrom('http', 'https'), (below, name, scheme) => {
        expect(isAllowed(`${scheme}://${below}.${name}`, `${scheme}://*.${name}`)).toBe(true);
        expect(isAllowed(`${scheme}://${name}`, `${scheme}://*.${name}`)).toBe(false);
        expect(isAllowed(`${scheme}://${below}${name}`, `${scheme}://*.${name}`)).toBe(
          `${below}${name}`.endsWith(`.${name}`),
        );
        expect(isAllowed(`${scheme}://${name}.${below}`, `${scheme}://*.${name}`)).toBe(
          `${name}.${below}`.endsWith(`.${name}`),
        );
        expect(isAllowed(`${scheme}://${below}.${name}:81`, `${scheme}://*.${name}`)).toBe(false);
      }),
    );
  });

  it('[CORS8] are refused as settings when they are no origin, or allow too much', () => {
    const wide = [
      '*',
      'https://*',
      '*.example.com',
      'https://*.',
      'https://a.*.example',
      'https://**.example',
      'null',
    ];
    const odd = [
      'app.example',
      'https://app.example/',
      'https://u@app.example',
      'https://a b',
      'https://',
      '',
    ];
    for (const text of [...wide, ...odd, 'http://*.127.0.0.1', 'http://*.[::1]']) {
      expect([text, allowedOrigin(text)]).toEqual([text, undefined]);
    }
  });
});

describe('allowedHosts', () => {
  it('[CORS4] are names and addresses without ports', () => {
    expect(allowedHost('Callboard.Example')).toBe('callboard.example');
    expect(allowedHost('[FD00:0::1]')).toBe('[fd00::1]');
    expect(allowedHost('192.168.1.5')).toBe('192.168.1.5');
    for (const text of [
      '',
      '*',
      '*.example',
      'a:80',
      '[::1]:80',
      'a/b',
      'a@b',
      'a b',
      'http://a',
      'fd00::1',
    ]) {
      expect([text, allowedHost(text)]).toEqual([text, undefined]);
    }
  });
});

describe('an address to listen on', () => {
  const own = [
    '127.0.0.1',
    '127.8.8.8',
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
  ];
  const others = [
    '0.0.0.0',
    '::',
    '[::]',
    '10.0.0.1',
    '192.0.2.1',
    'my-laptop',
    'example.org',
    '::ffff:0.0.0.0',
    '0',
  ];

  it('[LAP2] that only this machine reaches needs nothing', () => {
    for (const host of own) {
      expect([host, isLoopbackAddress(host)]).toEqual([host, true]);
      expect(isReachedByOthers({ host, open: true, insecure: false })).toBe(false);
    }
  });

  it('[LAP2] that others reach needs keys, or --insecure', () => {
    for (const host of others) {
      expect([host, isLoopbackAddress(host)]).toEqual([host, false]);
      expect(() => isReachedByOthers({ host, open: true, insecure: false })).toThrow(InsecureListenError);
      expect(isReachedByOthers({ host, open: true, insecure: true })).toBe(true);
      expect(isReachedByOthers({ host, open: false, insecure: false })).toBe(false);
    }
  });
});
