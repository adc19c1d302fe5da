/** Whoever lacks a scope, or is narrowed to given sessions, and asks for more. */
import { expect, vi } from 'vitest';
import { routes } from '../../src/gateway/routes/route-table.ts';
import type { Attack } from './attack.ts';
import { type AttackWorld, type Credential, idOf } from './attack-world.ts';
import { commandFrames, frameData } from './frame-attacks.ts';
import { filledPath } from './route-attacks.ts';

async function statusOf(world: AttackWorld, by: Credential, method: string, path: string, body?: object) {
  return (await world.ask(by, method, path, body)).status;
}

const withoutScope: readonly Attack[] = routes
  .filter((route) => route.public !== true && route.handle !== 'sse')
  .map(({ method, path, scope = 'read' }) => ({
    title: `[AUTH8] ${method} ${path} needs the scope ${scope}`,
    run: async (world) => {
      // Whoever has the nearest scope that is not enough.
      const by = scope === 'read' ? 'clerk' : scope === 'chat' ? 'reader' : 'guest';
      const body = method === 'GET' ? undefined : {};
      expect(await statusOf(world, by, method, filledPath(path, world), body)).toBe(403);
    },
  }));

const framesWithoutScope: readonly Attack[] = [
  {
    title: '[AUTH8] every frame that gives a command needs its scope',
    run: async (world) => {
      const socket = await world.listen('reader', '/live');
      for (const event of commandFrames) {
        const answer = await socket.ask(event, frameData(event, world));
        expect([event, answer]).toMatchObject([event, { data: { code: 'forbidden' } }]);
      }
      await socket.close();
      const baseline = await world.listen('reader', '/chat-sessions', false);
      const data = { sessionId: world.ids.session, message: { role: 'user', content: 'x' } };
      const answer = await baseline.ask('message.send', data);
      expect(JSON.stringify(answer)).toContain('chat');
      expect(JSON.stringify(answer)).toContain('scope');
      await baseline.close();
    },
  },
];

const narrowed: readonly Attack[] = [
  {
    title: '[TOK3] a token for given sessions makes no session',
    run: async (world) => {
      const by = await world.token('owner', { sessions: [world.ids.session] });
      expect(await statusOf(world, by, 'GET', `/chat-sessions/${world.ids.session}`)).toBe(200);
      expect(await statusOf(world, by, 'POST', '/chat-sessions', { title: 'one more' })).toBe(403);
      const fork = `/chat-sessions/${world.ids.session}/fork`;
      expect(await statusOf(world, by, 'POST', fork, { messageId: world.ids.message })).toBe(403);
    },
  },
  {
    title: '[TOK3] a token for given sessions asks for no other token than for those',
    run: async (world) => {
      const by = await world.token('owner', { sessions: [world.dull] });
      const { session } = world.ids;
      expect(await statusOf(world, by, 'POST', '/tokens', { sessions: [session] })).toBe(403);
      const { token } = await world.post(by, '/tokens', {});
      expect(await statusOf(world, { token }, 'GET', `/chat-sessions/${session}`)).toBe(404);
      expect(await statusOf(world, { token }, 'GET', `/chat-sessions/${world.dull}`)).toBe(200);
    },
  },
];

const more: readonly Attack[] = [
  {
    title: '[TOK1] nobody asks for a token that allows more than itself may, or of somebody else',
    run: async (world) => {
      expect(await statusOf(world, 'stranger', 'POST', '/tokens', { principal: idOf('owner') })).toBe(403);
      expect(await statusOf(world, 'stranger', 'POST', '/tokens', { scopes: ['sessions:all'] })).toBe(403);
      expect(await statusOf(world, 'stranger', 'POST', '/tokens', { scopes: ['chat'] })).toBe(201);
    },
  },
  {
    title: '[AUTH9] nobody acts as somebody else without the scope, or with more than it may itself',
    run: async (world) => {
      const { session } = world.ids;
      const asOwner = { as: 'stranger', actAs: idOf('owner') } as const;
      expect(await statusOf(world, asOwner, 'GET', `/chat-sessions/${session}`)).toBe(403);
      const named = { as: 'registrar', actAs: 'app:eve' } as const;
      const { id } = await world.post(named, '/chat-sessions', { title: 'of eve' });
      const body = { role: 'assistant', content: 'Said by no assistant' };
      expect(await statusOf(world, named, 'POST', `/chat-sessions/${id}/messages`, body)).toBe(403);
    },
  },
  {
    title: '[CHO3] a message is only stored as of the assistant by who may do so',
    run: async (world) => {
      const body = { role: 'assistant', content: 'Said by no assistant' };
      const path = `/chat-sessions/${world.own.session}/messages`;
      expect(await statusOf(world, 'stranger', 'POST', path, body)).toBe(403);
    },
  },
  {
    title: '[KEY2] nobody makes a key that allows more than itself may, or becomes a key that does',
    run: async (world) => {
      const key = { name: 'more', scopes: ['chat', 'sessions:all'] };
      expect(await statusOf(world, 'registrar', 'POST', '/keys', key)).toBe(403);
      const least = { name: 'as much', scopes: ['chat', 'keys'] };
      const made = await world.post('registrar', '/keys', least);
      expect(await statusOf(world, 'registrar', 'POST', `/keys/${made.id}/rotate`, {})).toBe(200);
      // A key of somebody else is that somebody, with its sessions.
      const by = { token: made.secret };
      const other = await world.post('registrar', '/keys', { name: 'other', scopes: ['chat'] });
      expect(await statusOf(world, by, 'GET', '/keys')).toBe(401);
      const rotated = await world.post('registrar', `/keys/${made.id}/rotate`, {});
      const path = `/keys/${other.id}/rotate`;
      expect(await statusOf(world, { token: rotated.secret }, 'POST', path, {})).toBe(403);
    },
  },
  {
    title: '[KEY2] nobody becomes a key that allows more than itself may, not by having made it either',
    run: async (world) => {
      const dear = await world.post('keeper', '/keys', { name: 'dear', scopes: ['chat', 'audit'] });
      const by = await world.token('keeper', { scopes: ['chat', 'keys'] });
      const path = `/keys/${dear.id}/rotate`;
      expect(await statusOf(world, by, 'POST', path, {})).toBe(403);
      expect(await statusOf(world, 'keeper', 'POST', path, {})).toBe(200);
    },
  },
  {
    title: '[AUD2] nobody gives a session away without seeing all sessions',
    run: async (world) => {
      const { id } = await world.post('registrar', '/chat-sessions', { title: 'mine' });
      const path = `/chat-sessions/${id}/owner`;
      expect(await statusOf(world, 'registrar', 'POST', path, { owner: idOf('stranger') })).toBe(403);
      expect(await statusOf(world, 'operator', 'POST', path, { owner: idOf('guest') })).toBe(200);
    },
  },
  {
    title:
      '[OWN5] whoever may inspect finds no session of another among the recordings, unless it may see all',
    run: async (world) => {
      const scopes = ['chat', 'inspect'];
      const nosy = await world.token('operator', { principal: 'app:nosy', scopes });
      const narrowed = await world.token('operator', {
        sessions: [world.dull],
        scopes: [...scopes, 'sessions:all'],
      });
      const path = '/inspect/recordings';
      for (const by of [nosy, narrowed, 'neighbour'] as const) {
        const { status, text } = await world.ask(by, 'GET', path);
        expect([status, world.tells(text)]).toEqual([200, []]);
      }
      expect(world.tells((await world.ask('operator', 'GET', path)).text)).not.toEqual([]);
    },
  },
  {
    title: '[INS2] nobody watches the live tree without the scopes, of another tenant or by a narrowed token',
    run: async (world) => {
      const narrow = { sessions: [world.dull], scopes: ['chat', 'sessions:all', 'inspect'] };
      const token = await world.token('operator', narrow);
      for (const by of ['stranger', 'neighbour', token] as const) {
        const socket = await world.listen(by, '/live');
        expect(await socket.ask('subscribe', { namespaces: ['inspect'] })).toMatchObject({
          event: 'exception',
        });
        await socket.close();
      }
      const socket = await world.listen('operator', '/live');
      expect(await socket.ask('subscribe', { namespaces: ['inspect'] })).toMatchObject({ event: 'ack' });
      await socket.close();
    },
  },
  {
    title: '[CHO4] a model calls no tool whose scope the sender of the question lacks',
    run: async (world) => {
      const { id } = await world.post('guest', '/chat-sessions', { title: 'of the guest' });
      const content = 'What time is it? [[tool=clock tokens=3 delay=0]]';
      await world.post('guest', `/chat-sessions/${id}/messages`, { role: 'user', content });
      const calls = () => world.read('guest', `/chat-sessions/${id}/tool-calls`);
      // A call that may be made waits for a person, and its turn with it.
      await vi.waitFor(async () => {
        const turns = await world.read('guest', '/turns?status=completed');
        if (turns.length === 0 && (await calls()).length === 0) throw new Error('nothing came of it yet');
      }, 60_000);
      expect(await calls()).toEqual([]);
    },
  },
];

export const scopeAttacks: readonly Attack[] = [...withoutScope, ...framesWithoutScope, ...narrowed, ...more];
