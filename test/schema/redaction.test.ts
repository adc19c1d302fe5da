import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretKey, redactedText } from '../../schema/redaction.ts';

describe('redaction', () => {
  it.each(['apiKey', 'api_key', 'x-api-key', 'API-KEY', 'authorization', 'Proxy-Authorization', 'password'])(
    '[LOG4] takes %s for a secret key',
    (key) => {
      expect(isSecretKey(key)).toBe(true);
    },
  );

  it.each(['token', 'accessToken', 'clientSecret', 'Set-Cookie', 'apiKeys'])(
    '[LOG4] takes %s for a secret key, too',
    (key) => {
      expect(isSecretKey(key)).toBe(true);
    },
  );

  it.each(['tokens', 'key', 'path', 'secretary', 'url', ''])('[LOG4] takes %j for a harmless key', (key) => {
    expect(isSecretKey(key)).toBe(false);
  });

  it.each([
    ['postgres://bob:hunter2@db:5432/x failed', 'postgres://bob:[redacted]@db:5432/x failed'],
    ['nats://:p@ss@host', 'nats://:[redacted]@host'],
    ['GET /config?apiKey=abc&x=1', 'GET /config?apiKey=[redacted]&x=1'],
    ['/a?x=1&api_key=a%20b#c', '/a?x=1&api_key=[redacted]#c'],
    ['/a?api%4Bey=abc', '/a?api%4Bey=[redacted]'],
    ['Authorization: Bearer abc.def-g', 'Authorization: Bearer [redacted]'],
    ['http://127.0.0.1:3000/a@b?c=d', 'http://127.0.0.1:3000/a@b?c=d'],
    ['/a?%E0%A4%A=1', '/a?%E0%A4%A=1'],
  ])('[LOG4] makes %j harmless', (text, shown) => {
    expect(redactedText(text)).toBe(shown);
  });

  it('[LOG4] finds a query key wherever it stands', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/).map((text) => `S3CRET${text}`);
    const word = fc.stringMatching(/^[a-z]{0,8}$/);
    fc.assert(
      fc.property(
        word,
        fc.constantFrom('apiKey', 'api_key', 'token'),
        secret,
        word,
        (before, key, value, after) => {
          expect(redactedText(`${before} /${before}?q=1&${key}=${value}&${after}=2 ${after}`)).not.toContain(
            value,
          );
        },
      ),
    );
  });

  it('[LOG4] works in linear time on hostile text', () => {
    for (const piece of ['://', '?a', '://a:', '&=', 'Bearer ', '?a=', '%', ' ']) {
      const started = process.cpuUsage();
      redactedText(`=://${piece.repeat(30_000)}`);
      // CPU time, in µs: others may use the machine.
      expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
    }
  });
});
