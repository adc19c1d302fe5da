/** Where people may be led to sign in, and how they come back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSignInAddress } from '../../../src/origins/sign-in-address.ts';
import { signInAddress } from '../../../src/web/access/sign-in-address.ts';

const page = { origin: 'https://chat.example', pathname: '/' };

describe('the page to sign in at', () => {
  it.each([
    'https://login.example.com',
    'https://login.example.com:8443/in?client=callboard#form',
    'http://localhost:8080/',
    'http://127.0.0.1/in',
    'http://[::1]:8080',
    '/login',
    '/',
    '/login?next=1',
  ])('[HOOK4] may be %s', (text) => {
    expect(isSignInAddress(text)).toBe(true);
  });

  it.each([
    '',
    'login',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'http://login.example.com',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'https://user:word@login.example.com',
    'https://user@login.example.com',
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    'https://login.example.com/\n',
    'data:text/html,hi',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://login.example.com',
    'https:',
  ])('[HOOK4] may not be %j', (text) => {
    expect(isSignInAddress(text)).toBe(false);
  });

  it('[HOOK4] is never anything but a web address, whatever is configured', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc
        .tuple(fc.constantFrom('/', '//', '/\\', 'javascript:', 'data:', ' https://'), fc.string())
        .map((two) => two.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        if (!isSignInAddress(given)) return;
        const url = new URL(given, page.origin);
        expect(['https:', 'http:']).toContain(url.protocol);
        if (given.startsWith('/')) expect(url.origin).toBe(page.origin);
        expect(signInAddress(given, page, '')?.origin).toBe(url.origin);
      }),
    );
  });

  it('[WEB29] gets a path of the page alone to lead back to', () => {
    const way = (pathname: string, query = '') =>
      signInAddress('https://login.example/in?a=1#b', { ...page, pathname }, query)?.href;
    expect(way('/', '?session=1')).toBe('https://login.example/in?a=1&return=%2F%3Fsession%3D1#b');
    expect(way('/callboard/inspect')).toBe('https://login.example/in?a=1&return=%2Fcallboard%2Finspect#b');
    expect(signInAddress('/login', page, '')?.href).toBe('https://chat.example/login?return=%2F');
    for (const pathname of ['//evil.example/', '/\\evil.example', '///evil.example']) {
      expect(way(pathname)).toBe(
        `https://login.example/in?a=1&return=%2Fevil.example${pathname.endsWith('/') ? '%2F' : ''}#b`,
      );
    }
    expect(signInAddress(null, page, '')).toBeUndefined();
    expect(signInAddress('javascript:alert(1)', page, '')).toBeUndefined();
    // Whatever was in `return` already is not of this page.
    expect(signInAddress('/login?return=//evil.example', page, '')?.search).toBe('?return=%2F');
  });

  it('[WEB29] is led back from to the origin of the page, whatever its path and query are', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const { pathname } = new URL(`${page.origin}/${path}`);
        const url = signInAddress('https://login.example/', { ...page, pathname }, `?${query}`);
        const back = url?.searchParams.get('return') ?? '';
        expect(new URL(back, page.origin).origin).toBe(page.origin);
        expect(back).toMatch(/^\/(?![/\\])/);
      }),
    );
  });
});
