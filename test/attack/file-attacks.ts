/**
 * A stranger reads no file of another, and gets none into a session of its own, where it could be read, or told to a model;
 * whoever sees a session reads its files.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Attack } from './attack.ts';
import { idOf, secret } from './attack-world.ts';

export const fileAttacks: readonly Attack[] = [
  {
    title: '[FIL50] a stranger neither sends a message with the file of another, nor changes one to have it',
    run: async ({ ask, post, listen, ids }) => {
      const { id: mine } = await post('stranger', '/chat-sessions', { title: 'Mine' });
      const base = `/chat-sessions/${mine}`;
      const said = await post('stranger', `${base}/messages`, { content: 'Hello' });
      const socket = await listen('stranger', '/live');
      const words = [];
      for (const fileId of [ids.file, randomUUID()]) {
        const parts = [{ type: 'file', fileId }];
        const posted = await ask('stranger', 'POST', `${base}/messages`, { parts });
        const edited = await ask('stranger', 'PATCH', `${base}/messages/${said.id}`, { parts });
        const { data } = await socket.ask('message.send', { sessionId: mine, message: { parts } });
        expect([posted.status, edited.status]).toEqual([404, 404]);
        words.push(
          [posted.text, edited.text, JSON.stringify(data)].map((text) =>
            text.replaceAll(fileId, 'ID').replace(/"timestamp":"[^"]*"|asked-\d+/g, ''),
          ),
        );
      }
      await socket.close();
      // Exactly what is said of a file that nobody has.
      expect(words[0]).toEqual(words[1]);
    },
  },
  {
    title: '[FIL51] a stranger imports no file of another',
    run: async ({ ask, post, read, ids }) => {
      const transcript = await read('owner', `/chat-sessions/${ids.session}/transcript`);
      const question = transcript.messages[0];
      const body = { ...transcript, messages: [question], turns: [], calls: [], leafId: question.id };
      for (const who of ['stranger', 'owner'] as const) {
        const imported = await post(who, '/chat-sessions/import', body);
        const [copy] = await read(who, `/chat-sessions/${imported.id}/messages`);
        const { fileId } = copy.parts.find(({ type }: { type: string }) => type === 'file');
        expect(fileId === ids.file).toBe(who === 'owner');
        expect((await ask(who, 'GET', `/files/${fileId}`)).status).toBe(who === 'owner' ? 200 : 404);
      }
      expect((await ask('stranger', 'GET', `/files/${ids.file}`)).status).toBe(404);
    },
  },
  {
    title:
      '[FIL50] a principal reads and sends what it stored itself, and what is in a session that is open to it',
    run: async ({ ask, post, uploaded, ids }) => {
      const own = await uploaded('stranger', 'of the stranger');
      expect((await ask('stranger', 'GET', `/files/${own}`)).text).toBe('of the stranger');
      expect((await ask('owner', 'GET', `/files/${own}`)).status).toBe(404);
      const base = `/chat-sessions/${ids.session}`;
      const stranger = idOf('stranger');
      await ask('owner', 'POST', `${base}/participants`, { id: stranger, role: 'agent' });
      expect((await ask('stranger', 'GET', `/files/${ids.file}`)).text).toBe(secret);
      const parts = [{ type: 'file', fileId: own }];
      expect((await ask('stranger', 'POST', `${base}/messages`, { parts })).status).toBe(201);
      expect((await ask('owner', 'GET', `/files/${own}`)).status).toBe(200);
      const { id } = await post('stranger', `${base}/fork`, { messageId: ids.message });
      await ask('owner', 'DELETE', `${base}/participants/${encodeURIComponent(stranger)}`);
      // The copy has it still, and is the stranger's.
      expect((await ask('stranger', 'GET', `/files/${ids.file}`)).status).toBe(200);
      await ask('stranger', 'DELETE', `/chat-sessions/${id}`);
      expect((await ask('stranger', 'GET', `/files/${ids.file}`)).status).toBe(404);
    },
  },
  {
    title:
      '[FIL50] [OWN1] nobody of another tenant, nor of a narrowed token, reads a file that is not in what it sees',
    run: async ({ ask, uploaded, token, dull }) => {
      const loose = await uploaded('owner', 'in no message');
      const namesake = { as: 'neighbour', actAs: idOf('owner') } as const;
      const narrowed = await token('operator', { sessions: [dull], scopes: ['chat', 'sessions:all'] });
      for (const by of ['neighbour', namesake, narrowed] as const)
        expect((await ask(by, 'GET', `/files/${loose}`)).status).toBe(404);
      for (const by of ['owner', 'operator'] as const)
        expect((await ask(by, 'GET', `/files/${loose}`)).status).toBe(200);
    },
  },
];
