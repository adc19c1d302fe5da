/**
 * A session that is handed over, and the audit, through the real actors. Goal: whoever had it hears of it last with the
 * event that tells so, whoever gets it hears it first, and operators are told who did it. Method: the audiences of every
 * published event, and a read of the audit.
 */
import { describe, expect, it } from 'vitest';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { eventTable, isWireNamespace } from '../../schema/event-table.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { audienceOfPrincipal } from '../../schema/wire/topic.ts';
import { audiencesBy } from '../../src/gateway/access/audiences.ts';
import { SessionAccesses } from '../../src/gateway/access/session-accesses.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';
import { principalWith } from '../fakes/example-key.ts';

const [ada, ben, operator] = ['key:ada', 'key:ben', 'operator'].map((id) => participantIdSchema.parse(id));

describe('a session that is handed over', () => {
  it('[AUD2] [OWN4] is heard of last by whoever had it, and first by whoever gets it', async () => {
    if (ada === undefined || ben === undefined || operator === undefined) throw new Error('three principals');
    const { system, storage } = await actorWorld();
    const { door } = system;
    const { id } = acceptedValue(
      await door.createSession({ title: 'A title' }, undefined, principalWith(ada)),
    );
    acceptedValue(await door.archiveSession(id));
    acceptedValue(await door.handOverSession(id, { owner: ben, tenant: 'shop' }, operator));
    acceptedValue(await door.unarchiveSession(id));
    expect(await storage.readModel.sessionAccess(id)).toMatchObject({ owner: ben, tenant: 'shop' });

    const accesses = new SessionAccesses((session) => storage.readModel.sessionAccess(session));
    const audiences = audiencesBy({ accesses, isNarrowedTo: () => false, isOpen: () => false });
    const heard = (event: JournaledEvent) => {
      const { namespace } = eventTable[event.type];
      const to = isWireNamespace(namespace) ? audiences.told(event, namespace) : [];
      const hears = { ada: audienceOfPrincipal(null, ada), ben: audienceOfPrincipal('shop', ben) };
      return [event.type, to.includes(hears.ada), to.includes(hears.ben), to.includes('server')];
    };
    const published = storage.committed().map(({ entry }) => heard(entry));
    expect(published).toEqual([
      ['session.created', true, false, false],
      ['session.updated', true, false, false],
      ['session.updated', true, true, false],
      ['session.handed-over', false, false, true],
      ['session.updated', false, true, false],
    ]);
    expect(await storage.readModel.audit({ limit: 10 })).toMatchObject([
      {
        event: {
          type: 'session.handed-over',
          data: { sessionId: id, from: ada, to: ben, tenant: 'shop', by: operator },
        },
      },
    ]);
  });

  it('[AUD3] the audit takes what others record, and is read newest first, page by page', async () => {
    if (ada === undefined) throw new Error('a principal');
    const { system, storage } = await actorWorld();
    for (let count = 1; count <= 5; count++) {
      const since = '2026-11-23T04:40:00.000Z';
      const data = { kind: 'login', address: '192.0.2.7', principal: null, count, since };
      system.audit.record({ type: 'refusals.counted', data });
    }
    await system.outbox.flushed();
    const first = await storage.readModel.audit({ limit: 3 });
    const second = await storage.readModel.audit({ limit: 3, before: first.at(-1)?.seq });
    expect([...first, ...second].map(({ event }) => event)).toMatchObject(
      [5, 4, 3, 2, 1].map((count) => ({ type: 'refusals.counted', sessionId: null, data: { count } })),
    );
  });
});
