/** Who takes part in a session, and wants to be taken for somebody else who does. */
import { expect, vi } from 'vitest';
import type { Attack } from './attack.ts';
import { type AttackWorld, type Credential, idOf } from './attack-world.ts';

type Listed = { readonly content: string; readonly author?: { readonly id: string } };

/** A session of the owner in which the stranger takes part. */
async function sharedSession(world: AttackWorld): Promise<string> {
  const { id } = await world.post('owner', '/chat-sessions', { title: 'shared' });
  const member = { id: idOf('stranger'), role: 'agent' };
  await world.post('owner', `/chat-sessions/${id}/participants`, member);
  return `/chat-sessions/${id}`;
}

async function authorsIn(world: AttackWorld, by: Credential, session: string) {
  const messages: readonly Listed[] = await world.read(by, `${session}/messages?branch=all`);
  return new Map(messages.map(({ content, author }) => [content, author?.id]));
}

const transcriptOf = async (world: AttackWorld, by: Credential, session: string): Promise<object> =>
  JSON.parse((await world.ask(by, 'GET', `${session}/transcript`)).text);

export const authorAttacks: readonly Attack[] = [
  {
    title: '[WHO1] who takes part sends in no name but its own: over REST, on sockets, by editing, in a turn',
    run: async (world) => {
      const session = await sharedSession(world);
      const sessionId = session.slice('/chat-sessions/'.length);
      const author = { id: idOf('owner'), name: 'The owner' };
      const forged = { role: 'user', author, name: 'The owner' };
      const delay = '[[tokens=1 delay=0]]';
      const sent = await world.post('stranger', `${session}/messages`, {
        ...forged,
        content: `rest ${delay}`,
      });
      expect(sent.author).toEqual({ id: idOf('stranger') });
      const socket = await world.listen('stranger', '/live');
      const frame = { sessionId, author, message: { ...forged, content: `v1 ${delay}` } };
      expect(await socket.ask('message.send', frame)).toMatchObject({ event: 'ack' });
      await socket.close();
      const baseline = await world.listen('stranger', '/chat-sessions', false);
      baseline.send('message.send', { sessionId, message: { ...forged, content: `baseline ${delay}` } });
      const all = async () => authorsIn(world, 'owner', session);
      await vi.waitFor(async () => expect((await all()).has(`baseline ${delay}`)).toBe(true), 60_000);
      await baseline.close();
      await world.settled('owner', sessionId);
      const question = await world.post('owner', `${session}/messages`, { content: `owner ${delay}` });
      await world.settled('owner', sessionId);
      const edit = { content: `edited ${delay}`, author };
      expect((await world.ask('stranger', 'PATCH', `${session}/messages/${question.id}`, edit)).status).toBe(
        201,
      );
      await world.settled('owner', sessionId);
      const turn = await world.post('stranger', `${session}/turns`, { agent: 'The owner', author });
      const parts = [{ seq: 1, type: 'text', text: 'pushed' }];
      const path = `/turns/${turn.turnId}`;
      expect(
        (await world.ask('stranger', 'POST', `${path}/parts`, { lease: turn.lease, parts })).status,
      ).toBe(200);
      await world.ask('stranger', 'POST', `${path}/finish`, { lease: turn.lease });

      const authors = await all();
      for (const content of [`rest ${delay}`, `v1 ${delay}`, `baseline ${delay}`, edit.content, 'pushed']) {
        expect([content, authors.get(content)]).toEqual([content, idOf('stranger')]);
      }
      expect(authors.get(`owner ${delay}`)).toBe(idOf('owner'));
    },
  },
  {
    title: '[WHO1] only who has act-as sends as somebody else',
    run: async (world) => {
      const session = await sharedSession(world);
      const asOwner: Credential = { as: 'stranger', actAs: idOf('owner') };
      expect((await world.ask(asOwner, 'POST', `${session}/messages`, { content: 'I' })).status).toBe(403);
      const trusted: Credential = { as: 'operator', actAs: idOf('owner') };
      await world.post(trusted, `${session}/messages`, { content: 'By the back end [[tokens=1 delay=0]]' });
      const authors = await authorsIn(world, 'owner', session);
      expect(authors.get('By the back end [[tokens=1 delay=0]]')).toBe(idOf('owner'));
    },
  },
  {
    title: '[WHO4] an import names as author who imports it, or nobody; that of a back end says what it says',
    run: async (world) => {
      const session = await sharedSession(world);
      const said = (who: Credential, content: string) => world.post(who, `${session}/messages`, { content });
      await said('owner', 'of the owner [[tokens=1 delay=0]]');
      await world.settled('owner', session.slice('/chat-sessions/'.length));
      await said('stranger', 'of the stranger [[tokens=1 delay=0]]');
      await world.settled('owner', session.slice('/chat-sessions/'.length));
      const {
        messages,
        turns: _,
        ...rest
      } = (await transcriptOf(world, 'stranger', session)) as {
        readonly messages: readonly { readonly id: string; readonly role: string }[];
        readonly turns: unknown;
      };
      // Only the questions: nobody but who has `roles` brings answers.
      const questions = messages
        .filter(({ role }) => role === 'user')
        .map((message) => ({ ...message, parentId: null }));
      const leafId = questions.at(-1)?.id;
      const file = { ...rest, leafId, calls: [], messages: questions, turns: [], participants: [] };
      const imported = await world.post('stranger', '/chat-sessions/import', file);
      expect([...(await authorsIn(world, 'stranger', `/chat-sessions/${imported.id}`))]).toEqual([
        ['of the owner [[tokens=1 delay=0]]', undefined],
        ['of the stranger [[tokens=1 delay=0]]', idOf('stranger')],
      ]);
      const trusted = await world.post('operator', '/chat-sessions/import', file);
      expect([...(await authorsIn(world, 'operator', `/chat-sessions/${trusted.id}`))]).toEqual([
        ['of the owner [[tokens=1 delay=0]]', idOf('owner')],
        ['of the stranger [[tokens=1 delay=0]]', idOf('stranger')],
      ]);
    },
  },
  {
    title: '[WHO5] who reads with a token narrowed to reading sees who wrote what, as it sees who takes part',
    run: async (world) => {
      const session = await sharedSession(world);
      const sessionId = session.slice('/chat-sessions/'.length);
      await world.post('owner', `${session}/messages`, { content: 'Hello [[tokens=1 delay=0]]' });
      const by = await world.token('stranger', { sessions: [sessionId], scopes: ['read'] });
      expect((await authorsIn(world, by, session)).get('Hello [[tokens=1 delay=0]]')).toBe(idOf('owner'));
      expect((await world.ask('guest', 'GET', `${session}/messages`)).status).toBe(404);
    },
  },
];
