/** Who takes part in a session, as the client library follows it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { participantIdSchema, participantRoles } from '../../../../schema/participant.ts';
import { isoTimestamp } from '../../../../schema/timestamp.ts';
import { followParticipants, followSessions } from '../../../../src/client/followed.ts';
import type { EventFrame } from '../../../../src/client/server-frame.ts';
import { participantsAfter } from '../../../../src/client/session/session-participants.ts';
import { fakeWorld, settled } from '../fake-server.ts';
import { session, sessionId } from '../sample-frames.ts';
import { cut, fromAnywhere } from './read-in-the-middle.ts';

const at = (step: number) => isoTimestamp(Date.parse('2026-01-01T00:00:00.000Z') + step);

describe('who takes part in a session', () => {
  const change = fc.record({
    of: fc.nat(3),
    what: fc.constantFrom('add', 'change', 'remove'),
    role: fc.constantFrom(...participantRoles),
  });
  const story = fc.array(change, { maxLength: 30 }).map((changes) => {
    const members = new Map<number, string>();
    return changes.flatMap(({ of, what, role }, step): EventFrame[] => {
      const id = participantIdSchema.parse(`app:${of}`);
      const createdAt = members.get(of);
      if ((what === 'add') === (createdAt !== undefined)) return [];
      if (what === 'remove') {
        members.delete(of);
        return [{ event: 'participant.removed', data: { sessionId, id }, seq: step }];
      }
      members.set(of, createdAt ?? at(step));
      const data = { sessionId, id, role, createdAt: createdAt ?? at(step), updatedAt: at(step) };
      return [{ event: what === 'add' ? 'participant.added' : 'participant.updated', data, seq: step }];
    });
  });

  it('[CLT10] is the same, whenever REST was read', () => {
    fc.assert(
      fc.property(
        story.chain((events) => fc.tuple(fc.constant(events), cut(events.length))),
        ([events, where]) => {
          const { told, merged } = fromAnywhere(events, [], participantsAfter, where);
          expect(merged).toEqual(told);
        },
      ),
    );
  });

  it('[CLT10] is read again when somebody is removed, and is not there for whoever that was', async () => {
    const { server, client } = await fakeWorld();
    const participant = { sessionId, id: 'app:ada', role: 'owner', createdAt: at(0), updatedAt: at(0) };
    server.rest = async () => ({ status: 200, body: [participant] });
    const { state } = followParticipants(client, sessionId);
    await settled();
    expect(state.value.value).toEqual([participant]);
    const changed = { ...participant, role: 'observer', updatedAt: at(1) };
    server.socket.say('participant.updated', changed, { seq: 101 });
    expect(state.value.value).toEqual([changed]);
    server.rest = async () => ({ status: 404, body: { message: 'Chat session not found' } });
    server.socket.say('participant.removed', { sessionId, id: 'app:ada' }, { seq: 102 });
    await settled();
    expect(state.value.error?.code).toBe('not_found');
    client.close();
  });

  it('[CLT10] decides about the list of sessions, which is then read again', async () => {
    const { server, client } = await fakeWorld();
    let listed = [session()];
    server.rest = async () => ({ status: 200, body: listed });
    const { state } = followSessions(client);
    await settled();
    expect(state.value.value).toHaveLength(1);
    listed = [];
    server.socket.say('participant.removed', { sessionId, id: 'app:ada' }, { seq: 101 });
    await settled();
    expect(state.value.value).toEqual([]);
    listed = [session()];
    const participant = { sessionId, id: 'app:ada', role: 'agent', createdAt: at(0), updatedAt: at(0) };
    server.socket.say('participant.added', participant, { seq: 102 });
    await settled();
    expect(state.value.value?.map(({ id }) => id)).toEqual([sessionId]);
    client.close();
  });
});
