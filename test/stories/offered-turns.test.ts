/** Questions that an outside agent answers instead of an engine ([OFR3]–[OFR7]). */
import { describe, expect, it } from 'vitest';
import { defaultTurnBounds } from '../../machines/turn-context.ts';
import type { SessionId, TurnId } from '../../schema/ids.ts';
import type { ModelOptions } from '../../schema/model-options.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../fakes/actor-world.ts';

function told(world: ActorWorld, name: 'turn.offered' | 'turn.claimed' | 'turn.withdrawn') {
  return world.publisher.seen.flatMap(({ event }) => {
    switch (event.type) {
      case 'turn.offered':
      case 'turn.claimed':
      case 'turn.withdrawn':
        return event.type === name ? [event.data] : [];
      default:
        return [];
    }
  });
}

async function asked(world: ActorWorld, options: ModelOptions = {}): Promise<[SessionId, TurnId]> {
  const { door } = world.system;
  const before = told(world, 'turn.offered').length;
  const body = { title: 'x', options: { engine: 'external', ...options } } as const;
  const { id } = acceptedValue(await door.createSession(body));
  await world.say(id, 'What is the weather?');
  await world.publisher.until(() => told(world, 'turn.offered').length > before);
  const offered = told(world, 'turn.offered').at(-1);
  if (offered === undefined) throw new Error('a turn is offered');
  return [id, offered.turnId];
}

describe('a turn that is offered', () => {
  it('[OFR3] [OFR4] [OFR6] is claimed, pushed and finished by an outside agent', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const [session, turn] = await asked(world, { systemPrompt: 'Be brief.', temperature: 0.5 });
    expect(told(world, 'turn.offered')).toMatchObject([{ turnId: turn, sessionId: session, agent: null }]);
    const claimed = acceptedValue(await door.claimTurn(turn, { agent: 'weather', leaseMs: 5000 }));
    expect(claimed).toMatchObject({
      turnId: turn,
      agent: 'weather',
      leaseMs: 5000,
      options: { temperature: 0.5 },
      context: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is the weather?' },
      ],
    });
    expect(told(world, 'turn.claimed')).toMatchObject([{ turnId: turn, claimedBy: 'weather', agent: null }]);
    const { lease } = claimed;
    acceptedValue(await door.turns.push(turn, lease, [{ type: 'text', seq: 1, text: 'Sunny.' }]));
    acceptedValue(await door.turns.finish(turn, { lease, seq: 1 }));
    const messages = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(messages).toMatchObject([
      { role: 'user', content: 'What is the weather?' },
      { role: 'assistant', content: 'Sunny.', promptId: claimed.promptId },
    ]);
    expect(told(world, 'turn.withdrawn')).toEqual([]);
  });

  it('[OFR4] is claimed once, and by no other agent than the one that is asked', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const [session, turn] = await asked(world, { agent: 'weather' });
    const other = await door.claimTurn(turn, { agent: 'poet' });
    expect(other).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    const named = { key: 'k', fingerprint: 'f' };
    const first = acceptedValue(await door.claimTurn(turn, { agent: 'weather' }, named));
    expect(acceptedValue(await door.claimTurn(turn, { agent: 'weather' }, named))).toEqual(first);
    for (const agent of ['weather', 'poet']) {
      expect(await door.claimTurn(turn, { agent })).toMatchObject({
        ok: false,
        refusal: { code: 'conflict', message: `Turn ${turn} was claimed by weather` },
      });
    }
    acceptedValue(await door.turns.fail(turn, { lease: first.lease, error: 'no' }));
    expect(await door.claimTurn(turn, { agent: 'weather' })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
    expect(told(world, 'turn.claimed')).toHaveLength(1);
    await world.system.outbox.settled(session);
  });

  it('[OFR4] is not one that an engine answers, or that waits in the queue', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const session = await world.createSession();
    const question = await world.say(session, 'Hello');
    await world.engine.nextCall();
    const [running] = await world.storage.readModel.turnsWith('running', { limit: 1 });
    expect(running?.promptId).toBe(question.id);
    expect(await door.claimTurn(running?.turnId as TurnId, { agent: 'poet' })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', message: expect.stringContaining('an engine of the server answers') },
    });
    await world.say(session, 'And now?');
    const [queued] = await world.storage.readModel.turnsWith('queued', { limit: 1 });
    expect(await door.claimTurn(queued?.turnId as TurnId, { agent: 'poet' })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', message: expect.stringContaining('it waits, or has ended') },
    });
  });

  it('[OFR5] fails when nobody comes in time, and says that it is gone', async () => {
    const world = await actorWorld({ turnBounds: { ...defaultTurnBounds, claimMs: 30 } });
    const [session, turn] = await asked(world);
    await world.publisher.until(() => told(world, 'turn.withdrawn').length > 0);
    expect(told(world, 'turn.withdrawn')).toMatchObject([{ turnId: turn, sessionId: session, agent: null }]);
    await world.system.outbox.settled(session);
    const [, answer] = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(answer).toMatchObject({ role: 'assistant', status: 'failed' });
    const stored = await world.storage.readModel.turn(turn);
    expect(stored).toMatchObject({ status: 'failed', reason: 'No agent claimed the turn within 30 ms' });
    expect(Date.parse(told(world, 'turn.withdrawn')[0]?.timestamp ?? '')).toBe(stored?.endedAt);
    // No time steps back, and the wait is in the turn's time.
    expect((stored?.endedAt ?? 0) - (stored?.queuedAt ?? 0)).toBeGreaterThanOrEqual(30);
  });

  it.each<['cancelled' | 'deleted', (world: ActorWorld, session: SessionId) => Promise<unknown>]>([
    ['cancelled', ({ system }, session) => system.door.cancelTurns(session)],
    ['deleted', ({ system }, session) => system.door.deleteSession(session)],
  ])('[OFR5] is withdrawn when it is %s', async (_, end) => {
    const world = await actorWorld();
    const [session, turn] = await asked(world);
    await end(world, session);
    const [withdrawn] = told(world, 'turn.withdrawn');
    const [offered] = told(world, 'turn.offered');
    expect(withdrawn).toMatchObject({ turnId: turn });
    expect(Date.parse(withdrawn?.timestamp ?? '')).toBeGreaterThan(Date.parse(offered?.timestamp ?? ''));
    expect((await world.system.door.claimTurn(turn, { agent: 'late' })).ok).toBe(false);
  });

  it('[OFR7] is offered again by the next process', async () => {
    const world = await actorWorld();
    const [session, turn] = await asked(world);
    await world.system.drain(1000);
    await world.system.stop();
    const next = await actorWorld({ storage: world.storage });
    await next.system.recover();
    await next.publisher.until(() => told(next, 'turn.offered').length > 0);
    expect(told(next, 'turn.offered')).toMatchObject([{ turnId: turn, sessionId: session }]);
    const { lease } = acceptedValue(await next.system.door.claimTurn(turn, { agent: 'weather' }));
    acceptedValue(await next.system.door.turns.push(turn, lease, [{ type: 'text', seq: 1, text: 'Sun' }]));
    // It does not hold up a stop, and goes on afterwards.
    await next.system.drain(60_000);
    await next.system.stop();
    const last = await actorWorld({ storage: world.storage });
    await last.system.recover();
    acceptedValue(await last.system.door.turns.push(turn, lease, [{ type: 'text', seq: 2, text: 'ny' }]));
    acceptedValue(await last.system.door.turns.finish(turn, { lease, seq: 2 }));
    const [, answer] = await last.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(answer).toMatchObject({ content: 'Sunny' });
  });
});
