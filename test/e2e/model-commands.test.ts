/**
 * Model-based commands. Goal: the real server, over real sockets and across orderly and abrupt restarts, behaves like
 * a small model of it. Method: fast-check draws commands; after each of them REST, the state of every reader, and the
 * model agree.
 */
import { expect, it } from 'vitest';
import { defaultRuntimeConfig } from '../../schema/runtime-config.ts';
import { effort } from '../effort.ts';
import { passes } from '../named-property.ts';
import { expectAgreement } from '../property/server/agreement.ts';
import { DrivenServer } from '../property/server/driven-server.ts';
import { obey } from '../property/server/obey.ts';
import { ReferenceModel } from '../property/server/reference-model.ts';
import { serverAgrees } from '../property/server-agrees.ts';

it('[I1] [I2] [I3] [I4] [I5] [I7] [I8] [I10] [I11] the server agrees with the model after every command', async () => {
  const { counts } = await passes(serverAgrees);
  expect(counts['steps']).toBeGreaterThan(0);
  // Few runs may be short, and miss what is rare.
  if (effort !== 'full') return;
  expect(counts['steps']).toBeGreaterThan(50);
  for (const kind of ['create', 'send', 'cancel', 'subscribe']) expect(counts[kind]).toBeGreaterThan(0);
}, 180_000);

it.runIf(effort === 'full')(
  '[I10] a server that differs from the model is found out',
  async () => {
    const server = await DrivenServer.start();
    try {
      server.begin();
      const model = new ReferenceModel();
      model.config = defaultRuntimeConfig;
      await obey({ kind: 'create', title: 'One', description: undefined, named: true }, model, server);
      await obey(
        { kind: 'send', session: 0, talk: 'quick', by: 'rest', ownId: true, named: false },
        model,
        server,
      );
      await obey({ kind: 'subscribe', namespaces: ['chat-sessions'], session: null }, model, server);
      await expectAgreement(model, server);
      const [session] = model.sessions;
      // Changes the server without the model's knowledge.
      await server.call('PATCH', `/chat-sessions/${session?.id}`, { title: 'Two' });
      await expect(expectAgreement(model, server)).rejects.toThrow('the session: the server has');
      await server.call('PATCH', `/chat-sessions/${session?.id}`, { title: 'One' });
      await expectAgreement(model, server);
      session?.store('00000000-0000-0000-0000-000000000000', 'tool', 'unknown to the server');
      await expect(expectAgreement(model, server)).rejects.toThrow('the messages of');
    } finally {
      await server.finish([]);
      await server.close();
    }
  },
  60_000,
);
