/** Whose sessions are, through the real actors over fake ports: made, forked, imported, and told to nobody. */
import { describe, expect, it } from 'vitest';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionId } from '../../schema/ids.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { type Principal, scopes } from '../../schema/principal.ts';
import { replayedSession } from '../../src/inspect/replayed-sessions.ts';
import { acceptedValue, actorWorld, tickingClock } from '../fakes/actor-world.ts';

const principal = (id: string, tenant: string | null): Principal => ({
  id: participantIdSchema.parse(id),
  name: null,
  tenant,
  scopes: new Set(scopes),
  sessions: null,
});
const byAda = principal('key:ada', 'tenant-of-ada');
const byBob = principal('key:bob', null);
const ada: SessionOwner = { owner: byAda.id, tenant: 'tenant-of-ada' };
const bob: SessionOwner = { owner: byBob.id, tenant: null };

async function lived() {
  const world = await actorWorld();
  const { door } = world.system;
  const { readModel } = world.storage;
  const made = acceptedValue(await door.createSession({ title: 'Ours' }, undefined, byAda));
  const message = { role: 'system', content: 'Be brief' } as const;
  const said = acceptedValue(
    await door.addMessage(made.id, { ...message, id: undefined, toolCallId: undefined, name: undefined }),
  );
  const forked = acceptedValue(await door.forkSession(made.id, { messageId: said.id }, undefined, byBob));
  const conversation = await readModel.copyOf(made.id, 'all');
  if (conversation === undefined) throw new Error('there is nothing to copy');
  const imported = acceptedValue(
    await door.importSession({ session: { title: 'Again' }, conversation }, undefined, byAda),
  );
  const nobodys = await world.createSession();
  return { world, made: made.id, forked: forked.id, imported: imported.id, nobodys };
}

describe('the owner of a session', () => {
  it('[OWN4] is whoever it was made, forked or imported for, and outlives it', async () => {
    const { world, made, forked, imported, nobodys } = await lived();
    const { readModel } = world.storage;
    const members = new Map();
    expect(await readModel.sessionAccess(made)).toEqual({ ...ada, members });
    expect(await readModel.sessionAccess(forked)).toEqual({ ...bob, members });
    expect(await readModel.sessionAccess(imported)).toEqual({ ...ada, members });
    expect(await readModel.sessionAccess(nobodys)).toEqual({ owner: null, tenant: null, members });
    const mine = { principal: participantIdSchema.parse('key:bob'), tenant: null, all: false, only: null };
    const listed = async () => (await readModel.sessions({ limit: 9 }, mine)).map(({ id }) => id);
    expect(await listed()).toEqual([forked]);
    for (const id of [forked, nobodys]) acceptedValue(await world.system.door.deleteSession(id));
    expect(await readModel.sessionAccess(forked)).toEqual({ ...bob, members });
    expect(await readModel.sessionAccess(nobodys)).toBeUndefined();
    expect(await listed()).toEqual([]);
    await world.system.stop();
  });

  it('[OWN4] is told to no client, and is part of what a replay says again', async () => {
    const { world, made, forked, imported } = await lived();
    await world.system.stop();
    const told = world.publisher.seen.flatMap(({ event }) => ('data' in event ? [event.data] : []));
    expect(told).toContainEqual(expect.objectContaining({ id: made }));
    expect(JSON.stringify(told)).not.toMatch(/tenant-of-ada|key:bob/);
    const bases = async (id: SessionId) => {
      const history = await replayedSession({ ...world.storage, clock: tickingClock() }, id, {
        after: 0,
        limit: 100,
      });
      return new Set(history?.steps.map(({ basis }) => basis));
    };
    for (const id of [made, forked, imported]) expect(await bases(id)).toEqual(new Set(['replayed']));
  });
});
