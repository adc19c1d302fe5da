/** Goal: connections end with what they rest on, and go on when it is renewed in time ([AUTH10], [TOK2], [TOK4], [TOK5]). */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createTokenSchema } from '../../../../schema/connection-token.ts';
import { callboardV1Subprotocol } from '../../../../schema/wire/callboard-v1-frame.ts';
import { systemClock } from '../../../../src/clock.ts';
import { SessionAccesses } from '../../../../src/gateway/access/session-accesses.ts';
import { createAuthenticator } from '../../../../src/gateway/authentication/authenticator.ts';
import { configuredKeys } from '../../../../src/gateway/authentication/configured-keys.ts';
import { connectionTokens } from '../../../../src/gateway/authentication/connection-tokens.ts';
import { tokenRequests } from '../../../../src/gateway/authentication/token-requests.ts';
import { Client, type RunningGateway, runGateway } from '../running-gateway.ts';

const keys = configuredKeys({ apiKeys: [{ key: 'back-end', scopes: ['chat', 'act-as'] }] });
/** Ahead of the real time, as far as the test says. */
let ahead = 0;
const clock = { now: () => systemClock.now() + ahead };
const tokens = connectionTokens({ secret: 'of the store', isGood: keys.isGood, clock });
let running: RunningGateway;

beforeAll(async () => {
  running = await runGateway({
    authenticator: createAuthenticator({ isOpen: () => false, kinds: [keys, tokens] }),
    accesses: new SessionAccesses(async () => undefined),
    clock: systemClock,
  });
});
afterAll(() => running.gateway.close());

async function tokenOf(principal: string, seconds: number, more: object = {}): Promise<string> {
  const judged = keys.judge('back-end');
  if (judged?.ok !== true) throw new Error('the key is good');
  const end = { at: systemClock.now() + seconds * 1000, close: 'tokenEnded' as const };
  const asked = createTokenSchema.parse({ principal, ...more });
  const made = await tokenRequests(tokens, clock)({ ...judged.value, end }, asked);
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value.token;
}

const offered = (token: string) => [callboardV1Subprotocol, `callboard.token.${token}`];

it('[AUTH10] [TOK2] [TOK5] sockets of both formats and streams end with their token, without its being in a URL', async () => {
  // Long enough for the connections to be there, whoever else uses the machine.
  const token = await tokenOf('app:ada', 5);
  const v1 = await Client.open(running.port, '/live', offered(token));
  expect(v1.socket.protocol).toBe(callboardV1Subprotocol);
  const baseline = await Client.open(running.port, `/chat-sessions?apiKey=${token}`);
  const stream = await running.request('/events', { headers: { authorization: `Bearer ${token}` } });
  expect(stream.status).toBe(200);
  expect(await v1.next()).toMatchObject({ event: 'hello' });
  const [one, other] = await Promise.all([v1.closed, baseline.closed, stream.text()]);
  expect([one, other]).toEqual([4005, 4005]);
  expect(
    (await running.request('/chat-sessions', { headers: { authorization: `Bearer ${token}` } })).status,
  ).toBe(401);
});

it.each([
  [{}, { scopes: ['chat', 'read'], narrowed: false }],
  [
    { scopes: ['read'], sessions: [randomUUID()] },
    { scopes: ['read'], narrowed: true },
  ],
])(
  '[V1A1] [V1E3] a client with a token for %o is told what it may do, on a socket and over SSE',
  async (more, told) => {
    const token = await tokenOf('app:ada', 60, more);
    const hello = { event: 'hello', data: { principal: { id: 'app:ada', name: null, ...told } } };
    const client = await Client.open(running.port, '/live', offered(token));
    expect(await client.next()).toMatchObject(hello);
    client.socket.close();
    const stream = await running.request('/events', { headers: { authorization: `Bearer ${token}` } });
    let text = '';
    for await (const part of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      if (/^data: .*\n/m.test(text)) break;
    }
    expect(JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null')).toMatchObject(hello);
  },
);

it('[TOK4] a connection goes on with another token of its principal', async () => {
  const client = await Client.open(running.port, '/live', offered(await tokenOf('app:ada', 4)));
  await client.next();
  const refresh = (token: string) =>
    client.socket.send(JSON.stringify({ event: 'auth.refresh', data: { token }, id: 1 }));
  refresh(await tokenOf('app:eve', 60));
  expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'forbidden', id: 1 } });
  refresh('nonsense');
  expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'unauthorized', id: 1 } });
  refresh(await tokenOf('app:ada', 60));
  expect(await client.next()).toMatchObject({ event: 'ack', id: 1, data: { expiresAt: expect.any(String) } });
  await new Promise((resolve) => setTimeout(resolve, 4500));
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  client.socket.close();
});

it('[AUTH10] what rests on a revoked key ends for good', async () => {
  const ofToken = await Client.open(running.port, '/live', offered(await tokenOf('app:ada', 60)));
  const ofKey = await Client.open(running.port, '/traces?apiKey=back-end');
  running.gateway.revoke(({ credentials }) => credentials.some(keys.isGood));
  expect(await Promise.all([ofToken.closed, ofKey.closed])).toEqual([4500, 4500]);
});

it('[TOK2] a token without the subprotocol of this server opens a baseline socket', async () => {
  const token = await tokenOf('app:ada', 60);
  const socket = new WebSocket(`ws://127.0.0.1:${running.port}/tools`, { headers: { 'x-api-key': token } });
  await new Promise((resolve) => socket.once('open', resolve));
  expect(socket.protocol).toBe('');
  socket.close();
  ahead = 61_000;
  expect((await running.request('/chat-sessions', { headers: { 'x-api-key': token } })).status).toBe(401);
  ahead = 0;
});
