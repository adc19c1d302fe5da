/** Owners of sessions who want all seats and all turns, through the real actors over fake ports. */

import { describe, expect, it } from 'vitest';
import type { LiveSystemOptions } from '../../actors/live-system.ts';
import type { OwnerLimitSettings, SessionOwners } from '../../actors/sessions/owner-limits.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { LimitKind } from '../../schema/limit-kind.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { runEndReasons } from '../../schema/run-end-reasons.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';
import { principalWith } from '../fakes/example-key.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';

const anna = ownerNamed('key:anna');
const ben = ownerNamed('key:ben');

function ownerNamed(id: string): SessionOwner {
  return { owner: participantIdSchema.parse(id), tenant: null };
}

async function world(options: LiveSystemOptions, limited: Partial<OwnerLimitSettings> = {}) {
  const ownerOf = new Map<SessionId, SessionOwner>();
  const owners: SessionOwners = { known: (id) => ownerOf.get(id), know: async () => {} };
  const refused: [LimitKind, SessionOwner][] = [];
  const none = { ownerRunningTurnsMax: 0, ownerWaitingTurnsMax: 0, ownerLiveSessionsMax: 0 };
  const made = await actorWorld({
    ...options,
    owners,
    ownerLimits: {
      settings: () => ({ ...none, ...limited }),
      refused: (kind, owner) => refused.push([kind, owner]),
    },
  });
  const { door } = made.system;
  return {
    ...made,
    refused,
    create: async (owner: SessionOwner) => {
      const created = await door.createSession({ title: 'A title' }, undefined, {
        ...principalWith(owner.owner ?? '', ['chat']),
        tenant: owner.tenant,
      });
      if (created.ok) ownerOf.set(created.value.id, owner);
      return created;
    },
    ask: (session: SessionId, content = 'Hello') =>
      door.addMessage(session, { role: 'user', content, toolCallId: undefined, name: undefined }),
  };
}

async function finish(call: ScriptedCall): Promise<void> {
  await call.give({ type: 'text', text: 'Done' });
  await call.give({ type: 'finish' });
}

describe('seats in memory', () => {
  it('[LIM25] whoever has none gets one of whoever has most, whose turn ends as interrupted', async () => {
    const { system, storage, publisher, engine, create, ask } = await world({ sessionsLiveMax: 3 });
    const sessions: SessionId[] = [];
    const calls: ScriptedCall[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = acceptedValue(await create(anna));
      sessions.push(id);
      acceptedValue(await ask(id));
      calls.push(await engine.nextCall());
    }
    const [first, , last] = sessions;
    const [firstCall] = calls;
    if (first === undefined || last === undefined || firstCall === undefined) expect.fail();
    // This waits behind the turn that will be interrupted.
    acceptedValue(await ask(last, 'And this?'));
    expect(await create(anna)).toMatchObject({ ok: false, refusal: { code: 'overloaded' } });
    const { id: bens } = acceptedValue(await create(ben));
    acceptedValue(await ask(bens));
    const bensCall = await engine.nextCall();
    await publisher.turnsEnded(1);
    const ended = publisher.seen.find(({ event }) => event.type === 'turn.ended');
    expect(ended?.event).toMatchObject({
      data: { sessionId: last, outcome: 'interrupted', reason: runEndReasons.madeRoom },
    });
    // Ben has one, so he gets no second one of hers.
    expect(await create(ben)).toMatchObject({ ok: false, refusal: { code: 'overloaded' } });
    await finish(bensCall);
    await finish(firstCall);
    await publisher.turnsEnded(3);
    // What waited goes on in the room of a session that is idle.
    const resumed = await engine.nextCall();
    expect(resumed.request.prompt.content).toBe('And this?');
    await finish(resumed);
    await publisher.turnsEnded(4);
    expect(system.registry.size).toBeLessThanOrEqual(3);
    expect(await storage.readModel.sessionsWithOpenTurns()).toHaveLength(1);
  });

  it('[LIM26] an owner has so many, whose idle ones leave for new ones', async () => {
    const { system, engine, refused, create, ask } = await world({}, { ownerLiveSessionsMax: 2 });
    const one = acceptedValue(await create(anna)).id;
    acceptedValue(await create(anna));
    acceptedValue(await create(anna));
    expect(system.registry.size).toBe(2);
    acceptedValue(await ask(one));
    await engine.nextCall();
    const two = acceptedValue(await create(anna)).id;
    acceptedValue(await ask(two));
    await engine.nextCall();
    const outcome = await create(anna);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'sessions_live', retryable: true } });
    expect(refused).toEqual([['sessions_live', anna]]);
    acceptedValue(await create(ben));
  });
});

describe('turns', () => {
  it('[LIM27] an owner has so many that run, and so many that wait, in all its sessions together', async () => {
    const settings = { ownerRunningTurnsMax: 2, ownerWaitingTurnsMax: 2 };
    const { engine, publisher, refused, create, ask } = await world({}, settings);
    const sessions: SessionId[] = [];
    for (const owner of [anna, anna, anna, ben]) sessions.push(acceptedValue(await create(owner)).id);
    const [one, two, three, bens] = sessions;
    if (one === undefined || two === undefined || three === undefined || bens === undefined) expect.fail();
    // All at once: none of them has reached a session's actor when the next is judged.
    const asked = await Promise.all([one, two, three, one, two, one].map((id) => ask(id)));
    const codes = asked.map((outcome) => (outcome.ok ? 'accepted' : outcome.refusal.code));
    expect(codes).toEqual(['accepted', 'accepted', 'turns_running', 'accepted', 'accepted', 'turns_waiting']);
    expect(refused.map(([kind]) => kind)).toEqual(['turns_running', 'turns_waiting']);
    acceptedValue(await ask(bens));
    // A message that needs no answer is none of them.
    await finish(await engine.nextCall());
    await publisher.turnsEnded(1);
    expect(await ask(three)).toMatchObject({ ok: false, refusal: { code: 'turns_running' } });
  });
});
