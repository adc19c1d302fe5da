/** The bounds between actors and journal, each of them reached (I12). */
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';

const turnOfLoop = () => new Promise((resolve) => setImmediate(resolve));

async function failedTrace(give: (call: ScriptedCall) => Promise<void>): Promise<unknown> {
  const world = await actorWorld();
  const session = await world.createSession();
  await world.say(session, 'Hello');
  await give(await world.engine.nextCall());
  await world.publisher.turnsEnded(1);
  const [trace] = await world.storage.readModel.traces({ limit: 1 });
  return trace;
}

describe('bounds', () => {
  it('[LIM14] refuses commands while too many events wait for the journal', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const hold = world.storage.hold();
    const data = { sessionId: session, state: 'idle' as const, timestamp: '2026-11-23T00:00:00.000Z' };
    for (let count = 0; count < limits.journalQueueEventsMax; count++) {
      world.system.outbox.accept({ type: 'agent.activity', sessionId: session, at: 0, data });
    }
    for (const refused of [
      await world.system.door.archiveSession(session),
      await world.system.door.updateConfig({}, 'a'),
      await world.system.door.createSession({ title: 'New' }),
    ]) {
      expect(refused).toMatchObject({ ok: false, refusal: { code: 'overloaded', retryable: true } });
    }
    hold.release();
    await world.system.outbox.flushed();
    acceptedValue(await world.system.door.archiveSession(session));
  });

  it('[LIM15] pauses a stream whose session has too much uncommitted, and lets it go on', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    const hold = world.storage.hold();
    let given = 0;
    const giving = (async () => {
      for (; given < limits.laneEventsMax * 2; given++) await call.give({ type: 'text', text: 'x' });
      await call.give({ type: 'finish' });
    })();
    for (let before = -1; before !== given; ) {
      before = given;
      for (let count = 0; count < 50; count++) await turnOfLoop();
    }
    expect(given).toBeGreaterThan(limits.laneEventsMax / 2);
    expect(given).toBeLessThanOrEqual(limits.laneEventsMax + 2);
    hold.release();
    await giving;
    await world.publisher.turnsEnded(1);
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored.at(-1)?.content).toBe('x'.repeat(limits.laneEventsMax * 2));
  });

  it('[LIM16] fails a turn whose answer is too long, and keeps the text so far', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    const piece = 'y'.repeat(limits.answerUnitsMax / 10);
    for (let count = 0; count < 11; count++) await call.give({ type: 'text', text: piece });
    await world.publisher.turnsEnded(1);
    const [trace] = await world.storage.readModel.traces({ limit: 1 });
    expect(trace).toMatchObject({ status: 'failed', metadata: { error: expect.stringContaining('longer') } });
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored[1]?.content).toHaveLength(limits.answerUnitsMax);
  });

  it('[LIM16] keeps no more of an answer than it may have, though it comes in one piece', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'y'.repeat(limits.answerUnitsMax * 3) });
    await world.publisher.turnsEnded(1);
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored[1]?.content).toHaveLength(limits.answerUnitsMax);
    await world.say(session, 'And now?');
    const next = await world.engine.nextCall();
    await next.give({ type: 'text', text: 'Fine.' });
    await next.give({ type: 'finish', reason: 'stop' });
    await world.publisher.turnsEnded(2);
  });

  it('[LIM16] fails a turn that asks for too large, too many or endless tool calls', async () => {
    const echo = { type: 'tool-call' as const, modelCallId: 'a', name: 'echo', argumentsJson: '{}' };
    const large = await failedTrace((call) =>
      call.give({ ...echo, argumentsJson: 'z'.repeat(limits.toolArgumentsUnitsMax + 1) }),
    );
    expect(large).toMatchObject({
      status: 'failed',
      metadata: { error: expect.stringContaining('too large') },
    });
    const many = await failedTrace(async (call) => {
      for (let count = 0; count <= limits.stepToolCallsMax; count++) {
        await call.give({ ...echo, modelCallId: `call_${count}` });
      }
    });
    expect(many).toMatchObject({
      status: 'failed',
      metadata: { error: expect.stringContaining('tool calls') },
    });
    const world = await actorWorld();
    await world.say(await world.createSession(), 'Hello');
    for (let step = 0; step < limits.turnStepsMax; step++) {
      const call = await world.engine.nextCall();
      await call.give(echo);
      await call.give({ type: 'finish' });
    }
    await world.publisher.turnsEnded(1);
    const [endless] = await world.storage.readModel.traces({ limit: 1 });
    expect(endless).toMatchObject({
      status: 'failed',
      metadata: { error: expect.stringContaining('model calls') },
    });
  });
});

describe('recovery', () => {
  it('[LIM12] wakes more sessions with open turns than fit into memory, a few at a time', async () => {
    const first = await actorWorld();
    const sessions = [];
    for (let count = 0; count < 7; count++) sessions.push(await first.createSession(`Session ${count}`));
    for (const session of sessions) await first.say(session, 'Hello');
    for (let count = 0; count < 7; count++) await first.engine.nextCall();
    first.system.registry.stop();
    const last = await actorWorld({ storage: first.storage, ids: countingIds(0xfff000), sessionsLiveMax: 2 });
    await last.system.recover();
    await last.publisher.turnsEnded(7);
    expect(last.system.registry.size).toBeLessThanOrEqual(2);
    expect(await last.storage.readModel.sessionsWithOpenTurns()).toEqual([]);
  });
});
