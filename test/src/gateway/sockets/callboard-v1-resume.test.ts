/** Paths, cursors and resuming, through real sockets ([V1A4], [V1B1], [V1C1]–[V1C4]). */
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { epochSchema } from '../../../../schema/wire/cursor.ts';
import { baselineNamespaces } from '../../../../schema/wire-event-table.ts';
import { sessionId, unknownId } from '../fake-services.ts';
import { Client, refusedUpgrade } from '../running-gateway.ts';
import {
  type CallboardV1Gateway,
  configured,
  cursor,
  messageId,
  runCallboardV1Gateway,
  updated,
} from './callboard-v1-gateway.ts';

const foreign = epochSchema.parse('ffffffff-ffff-4fff-8fff-ffffffffffff');
const callboardV1Headers = { headers: { 'sec-websocket-protocol': 'callboard.v1' } };

async function within(
  given: Parameters<typeof runCallboardV1Gateway>[0],
  run: (v1: CallboardV1Gateway) => Promise<void>,
): Promise<void> {
  const v1 = await runCallboardV1Gateway(given);
  try {
    await run(v1);
  } finally {
    await v1.gateway.close();
  }
}

const titles = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => updated(`${from + index}`));

it('[V1C1] /live starts with what its query names, or with nothing', () =>
  within({}, async (v1) => {
    const none = await v1.live();
    const named = await v1.live('?namespaces=config,traces');
    const all = await v1.live(`?since=${cursor(0)}`);
    const narrow = await v1.live(`?sessionId=${sessionId}`);
    v1.tell(updated('theirs', unknownId));
    v1.tell(configured);
    v1.tell(updated('ours'));
    expect(await named.next()).toMatchObject({ event: 'config.updated' });
    expect(await all.next()).toMatchObject({ data: { title: 'theirs' } });
    expect(await all.next()).toMatchObject({ event: 'config.updated' });
    expect(await narrow.next()).toMatchObject({ data: { title: 'ours' } });
    await none.settled();
    expect(none.unread).toBe(0);
  }));

it('[V1C2] the six paths take the subprotocol, with or without a trailing slash, among others offered', () =>
  within({}, async (v1) => {
    for (const namespace of baselineNamespaces) {
      for (const path of [`/${namespace}`, `/${namespace}/`]) {
        const client = await Client.open(v1.port, path, ['chat', 'callboard.v1']);
        expect(client.socket.protocol).toBe('callboard.v1');
        expect(await client.next()).toMatchObject({ event: 'hello', data: { resumed: false } });
        client.socket.close();
      }
    }
    const client = await v1.connect(`/chat-sessions?sessionId=${sessionId}&since=${cursor(0)}`);
    expect(await client.next()).toMatchObject({ event: 'hello', data: { resumed: true } });
    v1.tell(configured);
    v1.tell(updated('theirs', unknownId));
    v1.tell(updated('ours'));
    expect(await client.next()).toMatchObject({ data: { title: 'ours' } });
  }));

it('[V1F1] [WS6] who offers the compact form gets it on every path, and others beside it hear the long one', () =>
  within({}, async (v1) => {
    const both = ['callboard.v1', 'callboard.v1.compact'];
    for (const path of ['/live', ...baselineNamespaces.map((name) => `/${name}`)]) {
      const client = await Client.open(v1.port, path, both);
      expect(client.socket.protocol).toBe('callboard.v1.compact');
      expect(await client.next()).toMatchObject({ event: 'hello' });
      client.socket.close();
    }
    const first = await Client.open(v1.port, '/live?namespaces=chat-messages', both.slice(1));
    const long = await v1.live('?namespaces=chat-messages');
    expect(await first.next()).toMatchObject({ event: 'hello' });
    v1.piece('Hi', 0);
    const opening = { event: 'message.delta', data: { sessionId, messageId, offset: 0, text: 'Hi' } };
    expect(await first.next()).toEqual({ ...opening, number: 1 });
    expect(await long.next()).toEqual(opening);
    v1.piece(' "you"', 2, 'Hi');
    expect(await first.next()).toEqual([1, 2, ' "you"']);
    expect(await long.next()).toMatchObject({ event: 'message.delta', data: { offset: 2, text: ' "you"' } });
    const second = await Client.open(v1.port, `/chat-messages?sessionId=${sessionId}`, both);
    expect(await second.next()).toMatchObject({ event: 'hello' });
    expect(await second.next()).toMatchObject({ event: 'message.partial', snapshot: true, number: 1 });
    v1.piece('!', 8, 'Hi "you"');
    expect(await second.next()).toEqual([1, 8, '!']);
    expect(await first.next()).toEqual([1, 8, '!']);
  }));

it('[V1C2] a session that does not exist is an exception after hello, and no subscription', () =>
  within({}, async (v1) => {
    const client = await v1.connect(`/chat-sessions?sessionId=${unknownId}`);
    expect(await client.next()).toMatchObject({ event: 'hello' });
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
    v1.tell(updated('theirs', unknownId));
    await client.settled();
    expect(client.unread).toBe(0);
  }));

it('[V1C2] storage that cannot be read ends the connection with a code that says reconnect', () =>
  within({ past: titles(1) }, async (v1) => {
    v1.broken = true;
    const client = await v1.connect(`/chat-sessions?since=${cursor(0)}`);
    expect(await client.closed).toBe(4003);
  }));

it('[V1C3] what is malformed in a path is refused before the upgrade', () =>
  within({}, async (v1) => {
    const bad = [
      'since=x',
      `since=${cursor(1)}&since=${cursor(1)}`,
      'since=',
      'sessionId=1',
      'namespaces=a',
      'namespaces=',
    ];
    for (const query of bad) {
      const refused = await refusedUpgrade(v1.port, `/live?${query}`, callboardV1Headers);
      expect(refused).toMatchObject({ status: 400, body: { message: 'Validation failed' } });
    }
    expect((await refusedUpgrade(v1.port, '/tools?since=x', callboardV1Headers)).status).toBe(400);
    // A baseline socket has no such parameters.
    const baseline = await Client.open(v1.port, '/tools?since=x');
    baseline.socket.close();
  }));

it('[V1C4] /live without the subprotocol is refused', () =>
  within({}, async (v1) => {
    expect((await refusedUpgrade(v1.port, '/live')).status).toBe(400);
    const other = { headers: { 'sec-websocket-protocol': 'callboard.v2' } };
    expect((await refusedUpgrade(v1.port, '/live', other)).status).toBe(400);
    expect((await v1.request('/live')).status).toBe(404);
  }));

it('[V1B1] a cursor brings everything after it, once and in order, from memory and from the journal', () =>
  within({ past: titles(1500), bounds: { hotWindowEventsMax: 50 } }, async (v1) => {
    for (const event of titles(100, 1500)) v1.tell(event);
    const client = await v1.connect(`/live?namespaces=chat-sessions&since=${cursor(3)}`);
    expect(await client.next()).toMatchObject({ event: 'hello', data: { resumed: true } });
    let told = 1600;
    for (let seq = 4; seq <= 1700; seq++) {
      // Events committed meanwhile arrive in their place.
      if (seq % 10 === 0 && told < 1700) v1.tell(updated(`${told++}`));
      expect(await client.next()).toMatchObject({ seq, data: { title: `${seq - 1}` } });
      while (seq === 1600 && told < 1700) v1.tell(updated(`${told++}`));
    }
    expect(v1.reads).toBeGreaterThan(5);
    const reads = v1.reads;
    const recent = await v1.connect(`/live?namespaces=chat-sessions&since=${cursor(1690)}`);
    await recent.next();
    for (let seq = 1691; seq <= 1700; seq++) expect(await recent.next()).toMatchObject({ seq });
    expect(v1.reads).toBe(reads);
  }));

it('[V1B1] many who resume at once all get everything', () =>
  within({ past: titles(300) }, async (v1) => {
    const clients = await Promise.all(
      Array.from({ length: 50 }, () => v1.connect(`/live?namespaces=chat-sessions&since=${cursor(200)}`)),
    );
    v1.tell(updated('live'));
    await Promise.all(
      clients.map(async (client) => {
        await client.next();
        for (let seq = 201; seq <= 301; seq++) expect(await client.next()).toMatchObject({ seq });
      }),
    );
  }));

it('[V1A4] a cursor that cannot be honoured is answered by resync, and what comes next is live', () =>
  within({ past: titles(10) }, async (v1) => {
    v1.oldest = 5;
    const cases = [
      [() => cursor(10, foreign), 'epoch'],
      [() => cursor(v1.committed.length + 1), 'ahead'],
      [() => cursor(3), 'retention'],
    ] as const;
    for (const [since, reason] of cases) {
      const client = await v1.connect(`/live?namespaces=chat-sessions&since=${since()}`);
      const { length: seq } = v1.committed;
      const resync = { event: 'resync', data: { reason, seq } };
      expect(await client.next()).toMatchObject({ event: 'hello', data: { seq, resumed: false } });
      expect(await client.next()).toEqual(resync);
      const other = await v1.live();
      other.send('subscribe', { namespaces: ['chat-sessions'], since: since() }, 1);
      expect(await other.next()).toEqual({ event: 'ack', id: 1, data: { seq, resumed: false } });
      expect(await other.next()).toEqual(resync);
      const next = v1.tell(updated('live'));
      expect(await client.next()).toMatchObject({ seq: next });
      expect(await other.next()).toMatchObject({ seq: next });
    }
  }));

it('[V1A4] the oldest cursor that is covered is honoured', () =>
  within({ past: titles(10) }, async (v1) => {
    v1.oldest = 5;
    const client = await v1.connect(`/live?namespaces=chat-sessions&since=${cursor(4)}`);
    expect(await client.next()).toMatchObject({ data: { resumed: true } });
    for (let seq = 5; seq <= 10; seq++) expect(await client.next()).toMatchObject({ seq });
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  }));
