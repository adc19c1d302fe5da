/** Goal: a client with `getToken` always has a good token, on sockets and on requests, and asks for no more than it needs. */
import { describe, expect, it } from 'vitest';
import { connect } from '../../../../src/client/client.ts';
import { refreshTokens } from '../../../../src/client/token-refresh.ts';
import { fakeWorld } from '../fake-server.ts';

/** A JWT that ends after so many seconds. */
function tokenOf(name: string, seconds: number): string {
  const claims = Buffer.from(JSON.stringify({ name, exp: Date.now() / 1000 + seconds })).toString(
    'base64url',
  );
  return `head.${claims}.${name}`;
}

/** Returns `token 1`, `token 2` … and keeps what it returned. */
function tokenSource(seconds: number) {
  const given: string[] = [];
  return {
    given,
    getToken: async () => {
      given.push(tokenOf(`token${given.length + 1}`, seconds));
      return given.at(-1) ?? '';
    },
  };
}

describe('the tokens of a client', () => {
  it('[CLT16] are offered beside the subprotocol, in no URL, and put on requests', async () => {
    const { given, getToken } = tokenSource(3600);
    const { server, client } = await fakeWorld(() => {}, { getToken });
    expect(server.socket).toMatchObject({
      protocols: ['callboard.v1.compact', 'callboard.v1', `callboard.token.${given[0]}`],
    });
    expect(server.socket.url).not.toContain('token');
    await client.readConfig().catch(() => {});
    expect(server.calls.at(-1)?.headers.get('authorization')).toBe(`Bearer ${given[0]}`);
    expect(given).toHaveLength(1);
    client.close();
    expect(() => connect({ url: 'http://x', apiKey: 'k', getToken })).toThrow(TypeError);
  });

  it('[CLT17] are replaced on the open socket before they end, where the client is told to', async () => {
    const { given, getToken } = tokenSource(3600);
    const { server, timers, client } = await fakeWorld(() => {}, { getToken, silenceMs: 1e9 });
    const stop = refreshTokens(client);
    await timers.pass(3_530_000);
    expect(server.socket.sent('auth.refresh')).toEqual([]);
    await timers.pass(15_000);
    expect(server.socket.sent('auth.refresh').map(({ data }) => data)).toEqual([{ token: given[1] }]);
    await timers.pass(3_600_000);
    expect(server.socket.sent('auth.refresh').at(-1)?.data).toEqual({ token: given[2] });
    expect(server.sockets).toHaveLength(1);
    // It allows other things than the connection was opened with, which ends with the old one.
    server.socket.refuse(undefined, { code: 'conflict' });
    server.socket.drop(4005);
    await timers.pass(50);
    expect(server.socket.protocols).toContain(`callboard.token.${given[3]}`);
    await timers.pass(3_545_000);
    expect(server.sockets).toHaveLength(2);
    expect(server.socket.sent('auth.refresh').at(-1)?.data).toEqual({ token: given[4] });
    stop();
    await timers.pass(4_000_000);
    expect(given).toHaveLength(5);
    client.close();
    const keyed = await fakeWorld(() => {}, { apiKey: 'key' });
    expect(() => refreshTokens(keyed.client)).toThrow(TypeError);
    keyed.client.close();
  });

  it('[CLT16] are fetched again when one has ended, when a socket does not open, and when a request is refused', async () => {
    const { given, getToken } = tokenSource(3600);
    const { server, timers, client } = await fakeWorld(() => {}, { getToken });
    server.socket.drop(4005);
    server.opens = false;
    await timers.pass(50);
    server.opens = true;
    await timers.pass(200);
    expect(server.sockets.map(({ protocols }) => protocols.at(-1))).toEqual(
      given.slice(0, 3).map((token) => `callboard.token.${token}`),
    );
    server.socket.drop(4000);
    await timers.pass(200);
    expect(given).toHaveLength(3);
    server.rest = async ({ headers }) =>
      headers.get('authorization')?.endsWith('token4') === true
        ? { status: 200, body: { ok: true } }
        : { status: 401, body: { message: 'The token has ended' } };
    expect(await client.readConfig()).toEqual({ ok: true });
    expect(given).toHaveLength(4);
    server.rest = async () => ({ status: 401, body: { message: 'no', code: 'unauthorized' } });
    const before = server.calls.length;
    await expect(client.readConfig()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(server.calls.length - before).toBe(2);
    client.close();
  });

  it('[CLT16] that cannot be had count as a failed attempt, which is repeated', async () => {
    let isDown = true;
    const getToken = async () => {
      if (isDown) throw new Error('the back end is down');
      return 'opaque';
    };
    const { server, timers, client } = await fakeWorld(() => {}, { getToken, websocketFailuresMax: 100 });
    await timers.pass(500);
    expect(server.sockets).toHaveLength(0);
    expect(client.state.value).toBe('connecting');
    await expect(client.readConfig()).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    isDown = false;
    await timers.pass(100_000);
    expect(client.state.value).toBe('live');
    client.close();
  });
});
