/** Who takes part in a session for a while, and what it gets when that is over. */
import { expect } from 'vitest';
import type { Attack } from './attack.ts';
import { type AttackWorld, idOf, type Who } from './attack-world.ts';
import { telling } from './live-attacks.ts';

const pathOf = ({ ids }: AttackWorld, who: Who) =>
  `/chat-sessions/${ids.session}/participants/${encodeURIComponent(idOf(who))}`;

async function added(world: AttackWorld, who: Who, role: 'observer' | 'agent'): Promise<void> {
  const base = `/chat-sessions/${world.ids.session}/participants`;
  expect((await world.ask('owner', 'POST', base, { id: idOf(who), role })).status).toBe(201);
}

async function removed(world: AttackWorld, who: Who): Promise<void> {
  expect((await world.ask('owner', 'DELETE', pathOf(world, who))).status).toBe(204);
}

export const memberAttacks: readonly Attack[] = [
  {
    title:
      '[OWN3] who is made an observer hears of it first, reads, changes nothing, and hears last that it is over',
    run: async (world) => {
      const base = `/chat-sessions/${world.ids.session}`;
      const socket = await world.listen('stranger', '/live');
      await socket.ask('subscribe', { namespaces: ['chat-sessions', 'chat-messages', 'config'] });
      await added(world, 'stranger', 'observer');
      await world.talk();
      const messages = await world.ask('stranger', 'GET', `${base}/messages`);
      expect(world.tells(messages.text)).not.toEqual([]);
      const said = await world.ask('stranger', 'POST', `${base}/messages`, { role: 'user', content: 'I' });
      expect(said.status).toBe(403);
      expect((await world.ask('stranger', 'DELETE', base)).status).toBe(403);
      await removed(world, 'stranger');
      await world.talk();
      const last = await world.announce();
      await socket.until((frame) => frame.includes(last));
      const events = (await socket.heard())
        .map((frame) => JSON.parse(frame))
        .filter(
          ({ data, event }) => event !== 'ack' && JSON.stringify(data ?? {}).includes(world.ids.session),
        );
      expect(events[0]).toMatchObject({ event: 'participant.added' });
      expect(events.at(-1)).toMatchObject({ event: 'participant.removed' });
      expect(events.length).toBeGreaterThan(4);
      expect((await world.ask('stranger', 'GET', base)).status).toBe(404);
    },
  },
  {
    title: '[OWN3] who is removed hears nothing more on a subscription of the session alone',
    run: async (world) => {
      await added(world, 'stranger', 'observer');
      const socket = await world.listen('stranger', '/live');
      const one = { namespaces: ['chat-sessions', 'chat-messages'], sessionId: world.ids.session };
      expect((await socket.ask('subscribe', one)).event).toBe('ack');
      await socket.ask('subscribe', { namespaces: ['config'] });
      await removed(world, 'stranger');
      await socket.until((frame) => frame.includes('participant.removed'));
      const before = socket.frames.length;
      await world.talk();
      const last = await world.announce();
      await socket.until((frame) => frame.includes(last));
      const heard = (await socket.heard()).slice(before);
      expect(telling(world, heard)).toEqual([]);
    },
  },
  {
    title: '[OWN4] who took part in a session that is deleted finds none of its traces, and its owner does',
    run: async (world) => {
      const { session, trace } = await world.answeredSession('owner', 'to be deleted');
      const base = `/chat-sessions/${session}`;
      const guest = { id: idOf('guest'), role: 'agent' };
      expect((await world.ask('owner', 'POST', `${base}/participants`, guest)).status).toBe(201);
      expect((await world.ask('guest', 'GET', `/traces/${trace}`)).status).toBe(200);
      expect((await world.ask('owner', 'DELETE', base)).status).toBe(204);
      expect((await world.ask('guest', 'GET', `/traces/${trace}`)).status).toBe(404);
      expect((await world.ask('guest', 'GET', '/traces')).text).not.toContain(trace);
      expect((await world.ask('owner', 'GET', '/traces')).text).toContain(trace);
    },
  },
  {
    title: '[AUD2] whoever had a session that was given away hears and reads nothing more of it',
    run: async (world) => {
      const { id } = await world.post('guest', '/chat-sessions', { title: 'to be given' });
      const socket = await world.listen('guest', '/live');
      await socket.ask('subscribe', { namespaces: ['chat-sessions', 'chat-messages'], sessionId: id });
      await socket.ask('subscribe', { namespaces: ['config'] });
      const given = await world.ask('operator', 'POST', `/chat-sessions/${id}/owner`, {
        owner: idOf('owner'),
      });
      expect(given.status).toBe(200);
      const before = socket.frames.length;
      await world.post('owner', `/chat-sessions/${id}/messages`, { role: 'user', content: 'Hello' });
      await world.settled('owner', id);
      const last = await world.announce();
      await socket.until((frame) => frame.includes(last));
      const heard = (await socket.heard()).slice(before);
      expect(heard.filter((frame) => frame.includes('message.'))).toEqual([]);
      expect((await world.ask('guest', 'GET', `/chat-sessions/${id}`)).status).toBe(404);
    },
  },
];
