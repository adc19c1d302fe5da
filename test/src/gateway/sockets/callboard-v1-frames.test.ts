/** The frames of a `callboard.v1` server, and its answers to clients' frames, through real sockets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { limits } from '../../../../schema/limits.ts';
import { clientFrameBytesMax, defaultMessageBounds } from '../../../../schema/message-bounds.ts';
import { scopes } from '../../../../schema/principal.ts';
import { accepted } from '../../../../schema/refusal.ts';
import { wireNamespaces } from '../../../../schema/wire-event-table.ts';
import { fakeServices, logEntry, session, sessionId, unknownId } from '../fake-services.ts';
import {
  activity,
  type CallboardV1Gateway,
  configured,
  created,
  cursor,
  ended,
  epoch,
  message,
  messageId,
  runCallboardV1Gateway,
  updated,
} from './callboard-v1-gateway.ts';

let v1: CallboardV1Gateway;
beforeAll(async () => {
  v1 = await runCallboardV1Gateway();
});
afterAll(() => v1.gateway.close());
beforeEach(() => {
  const { answerAddMessage, beforeRead } = fakeServices();
  Object.assign(v1.services, { answerAddMessage, beforeRead });
  v1.services.calls.length = 0;
  v1.broken = false;
});

const delta = (text: string, offset: number) => ({
  event: 'message.delta',
  data: { sessionId, messageId, offset, text },
});
const refusedWith = (code: string, id?: number) => ({
  event: 'exception',
  data: expect.objectContaining({ status: 'error', code, ...(id === undefined ? {} : { id }) }),
});

describe('what the server says', () => {
  it('[V1A1] hello comes first and says where the server stands and what it allows', async () => {
    const seq = v1.tell(updated());
    const client = await v1.connect('/live');
    expect(await client.next()).toEqual({
      event: 'hello',
      data: {
        epoch,
        seq,
        resumed: false,
        principal: { id: 'local', name: null, scopes: [...scopes], narrowed: false },
        limits: {
          frameBytesMax: clientFrameBytesMax(defaultMessageBounds),
          subscriptionsMax: limits.subscriptionsMax,
          commandsInFlightMax: limits.socketCommandsMax,
          heartbeatMs: limits.heartbeatMs,
        },
      },
    });
    client.socket.close();
  });

  it('[V1A2] a durable event carries its seq, and seqs increase', async () => {
    const client = await v1.live('?namespaces=chat-sessions,config');
    const first = v1.tell(updated('one'));
    v1.gateway.publisher.volatile({ type: 'logs.created', sessionId: null, data: [logEntry], at: 0 });
    const second = v1.tell(configured);
    expect(second).toBeGreaterThan(first);
    expect(await client.next()).toEqual({
      event: 'session.updated',
      data: { ...session, title: 'one' },
      seq: first,
    });
    expect(await client.next()).toEqual({ event: 'config.updated', data: configured.data, seq: second });
    client.socket.close();
  });

  it('[V1A2] what is not durable has no seq', async () => {
    const client = await v1.live('?namespaces=logs');
    v1.gateway.publisher.volatile({ type: 'logs.created', sessionId: null, data: [logEntry], at: 0 });
    expect(await client.next()).toEqual({ event: 'logs.created', data: [logEntry] });
    client.socket.close();
  });

  it('[V1A3] [V1A8] pieces that are due together are one delta, and overtake nothing of their session', async () => {
    const client = await v1.live('?namespaces=chat-sessions,chat-messages');
    const first = v1.tell(created('a😀'));
    v1.piece('a😀', 0);
    v1.piece('b', 3, 'a😀');
    const middle = v1.tell(updated());
    v1.piece('c', 4, 'a😀b');
    v1.piece('d', 5, 'a😀bc');
    const last = v1.tell(ended('a😀bcd'));
    expect(await client.next()).toMatchObject({ event: 'message.created', seq: first });
    expect(await client.next()).toEqual(delta('a😀b', 0));
    expect(await client.next()).toMatchObject({ event: 'session.updated', seq: middle });
    expect(await client.next()).toEqual(delta('cd', 4));
    expect(await client.next()).toMatchObject({ event: 'message.updated', seq: last });
    client.socket.close();
  });

  it('[V1A3] reasoning has deltas of its own', async () => {
    const client = await v1.live('?namespaces=chat-messages');
    const data = { sessionId, messageId, text: 'hm', timestamp: message('').createdAt, agentId: null };
    v1.gateway.publisher.stream({
      type: 'reasoning.delta',
      sessionId,
      messageId,
      offset: 0,
      text: 'hm',
      soFar: () => data,
    });
    expect(await client.next()).toEqual({ ...delta('hm', 0), event: 'message.reasoning.delta' });
    const late = await v1.live('?namespaces=chat-messages');
    expect(await late.next()).toEqual({ event: 'message.reasoning.partial', data, snapshot: true });
    const { type } = { type: 'message.reasoning.completed' as const };
    v1.tell({ type, sessionId, data, at: 0 });
    expect(await late.next()).toMatchObject({ event: type, data });
    late.socket.close();
    client.socket.close();
  });

  it('[V1A5] who joins in the middle gets snapshots that the deltas continue, the agent before its first token', async () => {
    v1.tell(activity('thinking'));
    const early = await v1.live(`?sessionId=${sessionId}`);
    expect(await early.next()).toEqual({
      event: 'agent.activity',
      data: activity('thinking').data,
      snapshot: true,
    });
    v1.tell(created('Yes'));
    v1.piece('Yes', 0);
    const late = await v1.live('?namespaces=chat-sessions,chat-messages');
    expect(await late.next()).toMatchObject({ event: 'agent.activity', snapshot: true });
    expect(await late.next()).toEqual({
      event: 'message.partial',
      data: shownMessage(message('Yes')),
      snapshot: true,
    });
    v1.piece(', no', 3, 'Yes');
    expect(await late.next()).toEqual(delta(', no', 3));
    v1.tell(activity('idle'));
    v1.tell(ended('Yes, no'));
    expect(await late.next()).toMatchObject({ event: 'agent.activity', data: { state: 'idle' } });
    expect(await late.next()).toMatchObject({ event: 'message.updated' });
    const after = await v1.live();
    after.send('subscribe', { namespaces: ['chat-sessions', 'chat-messages'] }, 1);
    expect(await after.next()).toMatchObject({ event: 'ack', id: 1 });
    await after.settled();
    expect(after.unread).toBe(0);
    for (const client of [early, late, after]) client.socket.close();
  });

  it('[V1A7] heartbeats say up to where everything has been sent', async () => {
    const beating = await runCallboardV1Gateway({ heartbeatMs: 20 });
    const client = await beating.live('?namespaces=config');
    const quiet = await beating.live();
    expect(await client.next()).toEqual({ event: 'heartbeat', data: { seq: 0 } });
    const seq = beating.tell(updated());
    for (;;) {
      const frame = await client.next();
      expect(frame).toMatchObject({ event: 'heartbeat' });
      if (JSON.stringify(frame).includes(`"seq":${seq}`)) break;
    }
    expect(await quiet.next()).toMatchObject({ event: 'heartbeat' });
    await beating.gateway.close();
  });
});

describe('what a client says', () => {
  it('[V1A6] [V1B4] commands and pings are acknowledged with the id of their frame', async () => {
    const client = await v1.live();
    client.send('message.send', { sessionId, message: { content: 'Hi', id: messageId } }, 'a');
    expect(await client.next()).toMatchObject({ event: 'ack', id: 'a', data: { content: 'Hi', sessionId } });
    client.send('turn.cancel', { sessionId, messageId }, 2);
    expect(await client.next()).toEqual({ event: 'ack', id: 2, data: { sessionId, cancelled: [] } });
    client.send('ping', null, 3);
    expect(await client.next()).toEqual({ event: 'ack', id: 3, data: null });
    expect(v1.services.calls).toEqual([
      ['addMessage', sessionId, 'Hi'],
      ['cancelTurns', sessionId, messageId],
    ]);
    client.socket.close();
  });

  it('[V1A6] what a command caused comes before its answer', async () => {
    const client = await v1.live('?namespaces=chat-sessions');
    v1.services.answerAddMessage = async (sent) => {
      v1.tell({ type: 'message.created', sessionId, data: sent, at: 0 });
      return accepted(sent);
    };
    client.send('message.send', { sessionId, message: { content: 'Hi' } }, 1);
    expect(await client.next()).toMatchObject({ event: 'message.created', data: { content: 'Hi' } });
    expect(await client.next()).toMatchObject({ event: 'ack', id: 1 });
    client.socket.close();
  });

  it('[V1A6] [V1B4] what the door refuses is an exception with the id; without an id, success is silent', async () => {
    const client = await v1.live();
    client.send('turn.cancel', { sessionId: unknownId }, 1);
    expect(await client.next()).toEqual(refusedWith('not_found', 1));
    client.send('ping', null);
    client.send('turn.cancel', { sessionId });
    client.send('ping', null, 2);
    expect(await client.next()).toMatchObject({ event: 'ack', id: 2 });
    v1.services.answerAddMessage = () => Promise.reject(new Error('broken'));
    client.send('message.send', { sessionId, message: { content: 'Hi' } }, 4);
    expect(await client.next()).toEqual(refusedWith('internal', 4));
    client.socket.close();
  });

  it('[V1B1] the ack of a subscription comes before all that it brings', async () => {
    const past = v1.tell(updated('past'));
    const client = await v1.live();
    client.send('subscribe', { namespaces: ['chat-sessions'] }, 1);
    expect(await client.next()).toEqual({ event: 'ack', id: 1, data: { seq: past, resumed: false } });
    client.send('subscribe', { namespaces: ['chat-sessions'], since: cursor(past - 1) }, 2);
    expect(await client.next()).toEqual({ event: 'ack', id: 2, data: { seq: past, resumed: true } });
    expect(await client.next()).toMatchObject({ data: { title: 'past' }, seq: past });
    const next = v1.tell(updated('next'));
    expect(await client.next()).toMatchObject({ data: { title: 'next' }, seq: next });
    client.socket.close();
  });

  it('[V1B2] [V1B3] overlapping subscriptions deliver once, until the last of them is gone', async () => {
    const client = await v1.live();
    client.send('subscribe', { namespaces: ['config', 'chat-sessions'], sessionId }, 1);
    client.send('subscribe', { namespaces: ['chat-sessions'] }, 2);
    expect(await client.next()).toMatchObject({ event: 'ack', id: 1 });
    expect(await client.next()).toMatchObject({ event: 'ack', id: 2 });
    const seqs = [v1.tell(updated('one')), v1.tell(updated('other', unknownId))];
    expect(await client.next()).toMatchObject({ seq: seqs[0] });
    expect(await client.next()).toMatchObject({ seq: seqs[1] });
    client.send('unsubscribe', { namespaces: ['chat-sessions'] }, 3);
    expect(await client.next()).toEqual({ event: 'ack', id: 3, data: null });
    v1.tell(updated('unheard', unknownId));
    const heard = v1.tell(updated('heard'));
    expect(await client.next()).toMatchObject({ data: { title: 'heard' }, seq: heard });
    client.send('unsubscribe', { namespaces: ['chat-sessions', 'config'], sessionId }, 4);
    expect(await client.next()).toMatchObject({ event: 'ack', id: 4 });
    v1.tell(updated('gone'));
    client.send('ping', null, 5);
    expect(await client.next()).toMatchObject({ event: 'ack', id: 5 });
    client.socket.close();
  });

  it('[V1B5] frames are obeyed in the order in which they were sent', async () => {
    let release = () => {};
    v1.services.beforeRead = () => new Promise((resolve) => (release = resolve));
    const client = await v1.live();
    client.send('subscribe', { namespaces: ['chat-sessions'], sessionId }, 1);
    client.send('message.send', { sessionId, message: { content: 'after' } }, 2);
    client.socket.send('{');
    client.send('ping', null, 3);
    await client.settled();
    expect(client.unread).toBe(0);
    expect(v1.services.calls.map(([name]) => name)).toEqual(['session']);
    release();
    expect(await client.next()).toMatchObject({ event: 'ack', id: 1 });
    expect(await client.next()).toEqual(refusedWith('bad_json'));
    expect(await client.next()).toMatchObject({ event: 'ack', id: 3 });
    expect(await client.next()).toMatchObject({ event: 'ack', id: 2 });
    client.socket.close();
  });

  it('[V1B6] what cannot be subscribed, or be told apart, is refused, and the connection goes on', async () => {
    const client = await v1.live();
    const cases: [event: string, data: unknown, code: string][] = [
      ['subscribe', { namespaces: ['turn-journal'] }, 'validation_failed'],
      ['subscribe', { namespaces: [] }, 'validation_failed'],
      ['subscribe', {}, 'validation_failed'],
      ['subscribe', { namespaces: ['logs'], sessionId: 'x' }, 'validation_failed'],
      ['subscribe', { namespaces: ['logs'], since: 'yesterday' }, 'validation_failed'],
      ['subscribe', { namespaces: ['logs'], since: `${epoch}:-1` }, 'validation_failed'],
      ['subscribe', { namespaces: ['chat-sessions'], sessionId: unknownId }, 'not_found'],
      ['subscribe', { namespaces: ['chat-sessions'], sessionId: unknownId, since: cursor(1e9) }, 'not_found'],
      ['unsubscribe', { namespaces: ['logs'] }, 'not_found'],
      ['message.sing', {}, 'unknown_event'],
      ['message.send', {}, 'validation_failed'],
    ];
    for (const [index, [event, data, code]] of cases.entries()) {
      client.send(event, data, index);
      expect(await client.next()).toEqual(refusedWith(code, index));
    }
    client.socket.close();
  });

  it('[V1B6] an id that is unanswered, a frame too many and a subscription too many are refused', async () => {
    const client = await v1.live();
    let answer = () => {};
    v1.services.answerAddMessage = (sent) =>
      new Promise((resolve) => {
        answer = () => resolve(accepted(sent));
      });
    client.send('message.send', { sessionId, message: { content: 'slow' } }, 1);
    client.send('ping', null, 1);
    expect(await client.next()).toEqual(refusedWith('conflict', 1));
    client.send('ping', null, '1');
    expect(await client.next()).toMatchObject({ event: 'ack', id: '1' });
    for (let id = 2; id <= limits.socketCommandsMax; id++) {
      client.send('message.send', { sessionId, message: { content: 'slow' } }, id);
    }
    client.send('ping', null, 100);
    expect(await client.next()).toEqual(refusedWith('socket_busy', 100));
    answer();
    expect(await client.next()).toMatchObject({ event: 'ack', id: limits.socketCommandsMax });
    client.socket.close();

    const many = await v1.live();
    v1.services.beforeRead = () => {};
    for (let count = 0; count <= limits.subscriptionsMax; count++) {
      // All different: an equal selection would not add a subscription.
      const selections = 2 ** wireNamespaces.length - 1;
      const namespaces = wireNamespaces.filter((_, bit) => ((count + 1) >> bit) % 2 === 1);
      const wanted =
        count < selections ? { namespaces } : { namespaces: [wireNamespaces[count - selections]], sessionId };
      many.send('subscribe', wanted, count);
      const answered = count === limits.subscriptionsMax ? refusedWith('too_many_subscriptions', count) : {};
      expect(await many.next()).toMatchObject(answered);
    }
    many.send('subscribe', { namespaces: ['logs'] }, 'again');
    expect(await many.next()).toMatchObject({ event: 'ack', id: 'again' });
    many.socket.close();
  });

  it('[V1B6] a session that was deleted after the cursor can still be told', async () => {
    const before = v1.tell(updated());
    const end = v1.tell({ type: 'session.deleted', sessionId: unknownId, data: { id: unknownId }, at: 0 });
    const client = await v1.live();
    client.send(
      'subscribe',
      { namespaces: ['chat-sessions'], sessionId: unknownId, since: cursor(before) },
      1,
    );
    expect(await client.next()).toMatchObject({ event: 'ack', data: { resumed: true } });
    expect(await client.next()).toEqual({ event: 'session.deleted', data: { id: unknownId }, seq: end });
    client.socket.close();
  });

  it('[V1B6] storage that cannot be read refuses the subscription, and it can be tried again', async () => {
    const old = await runCallboardV1Gateway({ past: [updated('old')] });
    const client = await old.live();
    old.broken = true;
    client.send('subscribe', { namespaces: ['chat-sessions'], since: cursor(0) }, 1);
    expect(await client.next()).toMatchObject({ data: { code: 'unavailable', retryable: true } });
    old.broken = false;
    client.send('subscribe', { namespaces: ['chat-sessions'], since: cursor(0) }, 2);
    expect(await client.next()).toMatchObject({ event: 'ack', data: { resumed: true } });
    expect(await client.next()).toMatchObject({ data: { title: 'old' }, seq: 1 });
    await old.gateway.close();
  });

  it('[V1B7] frames that come before hello was sent are obeyed after it', async () => {
    let release = () => {};
    v1.services.beforeRead = () => new Promise((resolve) => (release = resolve));
    const client = await v1.connect(`/chat-sessions?sessionId=${sessionId}`);
    client.send('ping', null, 7);
    await client.settled();
    expect(client.unread).toBe(0);
    release();
    expect(await client.next()).toMatchObject({ event: 'hello' });
    expect(await client.next()).toMatchObject({ event: 'ack', id: 7 });
    client.socket.close();
  });
});
