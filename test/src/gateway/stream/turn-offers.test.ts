/** The namespace of outside agents on the wire ([OFR1], [OFR2]). */
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../../../actors/ports.ts';
import { turnOfferedSchema } from '../../../../schema/turn-offer.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { sessionId } from '../fake-services.ts';
import { Client } from '../running-gateway.ts';
import { activity, atEnd, eventOf, seqOf, stage } from './event-stage.ts';

function offered(agent: string | null): JournalEntry {
  const data = turnOfferedSchema.parse({
    turnId: exampleIds.turn,
    sessionId,
    timestamp: '2026-11-23T04:40:00.000Z',
    agent,
    promptId: exampleIds.prompt,
    answerId: exampleIds.answer,
    claimBy: '2026-11-23T04:50:00.000Z',
  });
  return { type: 'turn.offered', sessionId, at: 0, data };
}

it('[OFR2] an agent hears what is addressed to it or to any, live and when it resumes', async () => {
  const { emit, read, cursor } = await stage();
  const poet = await read('/events?namespaces=turns&agent=poet');
  const all = await read('/events?namespaces=turns');
  for (const reader of [poet, all]) expect(eventOf(await reader.frame())).toBe('hello');
  const [first = 0, , third = 0, fourth = 0] = await emit(
    offered('poet'),
    offered('po'),
    offered(null),
    offered('poet'),
  );
  for (const seq of [first, third, fourth]) expect(seqOf(await poet.frame())).toBe(seq);
  for (let count = 0; count < 4; count++) await all.frame();
  const later = await read(`/events?namespaces=turns&agent=poet&since=${cursor(first)}`);
  expect(eventOf(await later.frame())).toBe('hello');
  for (const seq of [third, fourth]) expect(seqOf(await later.frame())).toBe(seq);
});

it('[OFR1] baseline sockets, and clients that do not name the namespace, hear nothing of it', async () => {
  const { emit, read, port } = await stage();
  const baseline = await Client.open(port, '/chat-sessions');
  atEnd(() => baseline.socket.close());
  const unnamed = await read('/events');
  expect(eventOf(await unnamed.frame())).toBe('hello');
  await emit(offered(null), activity);
  expect(await baseline.next()).toMatchObject({ event: 'agent.activity' });
  expect(await unnamed.frame()).toMatchObject({ event: 'agent.activity' });
  await expect(Client.open(port, '/turns')).rejects.toThrow();
});

it('[OFR2] one connection has turns of agents, or of sessions, but not of both', async () => {
  const { port } = await stage();
  const client = await Client.open(port, '/live', ['callboard.v1']);
  atEnd(() => client.socket.close());
  await client.next();
  client.send('subscribe', { namespaces: ['turns', 'config'], agent: 'poet' }, 1);
  client.send('subscribe', { namespaces: ['turns'], agent: 'singer' }, 2);
  client.send('subscribe', { namespaces: ['turns'], sessionId }, 3);
  client.send('unsubscribe', { namespaces: ['turns', 'config'] }, 4);
  client.send('unsubscribe', { namespaces: ['config', 'turns'], agent: 'poet' }, 5);
  client.send('unsubscribe', { namespaces: ['turns'], agent: 'singer' }, 6);
  client.send('subscribe', { namespaces: ['turns'], sessionId }, 7);
  const answers = [];
  for (let count = 0; count < 7; count++) answers.push(await client.next());
  expect(answers).toMatchObject([
    { event: 'ack', id: 1 },
    { event: 'ack', id: 2 },
    { event: 'exception', data: { code: 'conflict', id: 3 } },
    { event: 'exception', data: { code: 'not_found', id: 4 } },
    { event: 'ack', id: 5 },
    { event: 'ack', id: 6 },
    { event: 'ack', id: 7 },
  ]);
});
