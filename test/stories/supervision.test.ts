/**
 * Supervision: actors that fail because of a bug, and databases that become unavailable at the wrong moment. The bug
 * is a clock that returns NaN for one command: formatting that time throws in the middle of an action.
 */
import { describe, expect, it } from 'vitest';
import { JournalRejected, JournalUnavailable } from '../../actors/ports.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { acceptedValue, actorWorld, tickingClock } from '../fakes/actor-world.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';

const internal = { ok: false, refusal: { code: 'internal', retryable: false } };

function brokenClock() {
  const clock = tickingClock();
  let broken = false;
  let once = false;
  return {
    ...clock,
    now: (): Milliseconds => {
      const now = broken ? Number.NaN : clock.now();
      if (once) broken = false;
      return now;
    },
    /** Makes the next reading of the clock return NaN. */
    breakOnce: () => {
      once = true;
      broken = true;
    },
    /** Runs `run` while every reading of the clock returns NaN. */
    brokenFor: <Value>(run: () => Value): Value => {
      broken = true;
      const value = run();
      broken = false;
      return value;
    },
  };
}

describe('a session whose actor throws', () => {
  it('[REC5] refuses unanswered commands, keeps the text, does not begin the turn again and goes on', async () => {
    const clock = brokenClock();
    const world = await actorWorld({ clock });
    const { door } = world.system;
    const session = await world.createSession();
    const prompt = await world.say(session, 'first');
    await world.say(session, 'second');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Half' });
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'message.delta'));
    const hold = world.storage.hold();
    const named = { key: 'rename', fingerprint: 'rename' };
    const pending = door.updateSession(session, { title: 'B' }, named);
    while (world.system.outbox.backlog === 0) await new Promise((resolve) => setImmediate(resolve));
    const crashing = clock.brokenFor(() => door.updateSession(session, { title: 'C' }));
    for (const outcome of await Promise.all([pending, crashing])) expect(outcome).toMatchObject(internal);
    expect(call.signal.aborted).toBe(true);
    hold.release();

    const next = await world.engine.nextCall();
    expect(next.request.prompt.content).toBe('second');
    await next.give({ type: 'text', text: 'Done' });
    await next.give({ type: 'finish' });
    await world.publisher.turnsEnded(2);
    const ends = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'turn.ended' ? [event.data.outcome] : [],
    );
    expect(ends).toEqual(['interrupted', 'completed']);
    const messages = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(messages.map(({ content }) => content)).toEqual(['first', 'Half', 'second', 'Done']);
    const traces = await world.storage.readModel.traces({ limit: 10 });
    expect(traces.find((trace) => trace.metadata?.['messageId'] === prompt.id)?.status).toBe('failed');
    // The pending command was handled before the crash: it took effect, and its name shows that.
    expect(acceptedValue(await door.updateSession(session, { title: 'B' }, named)).title).toBe('B');
  });

  // Before the fix: XState left the children of an actor that threw running, so the engine went on, and the turn
  // ended twice.
  it('[REC5] stops everything that ran for it, also when it fails because of its own turn', async () => {
    const clock = brokenClock();
    const world = await actorWorld({ clock });
    const session = await world.createSession();
    await world.say(session, 'first');
    const call = await world.engine.nextCall();
    clock.breakOnce();
    await call.give({ type: 'text', text: 'Half' });
    expect(call.signal.aborted).toBe(true);
    await world.publisher.turnsEnded(1);
    const { length } = world.publisher.seen;
    await world.say(session, 'second');
    const next = await world.engine.nextCall();
    await next.give({ type: 'text', text: 'Done' });
    await next.give({ type: 'finish' });
    await world.publisher.turnsEnded(2);
    const after = world.publisher.seen.slice(length).map(({ event }) => event);
    expect(after.filter((event) => event.type === 'turn.ended')).toMatchObject([
      { data: { outcome: 'completed' } },
    ]);
    expect(world.system.registry.responding()).toBe(0);
  });

  it('[REC5] does not begin a turn again that had begun without calling its model, even if the rows cannot be read at first', async () => {
    const clock = brokenClock();
    const storage = memoryStorage();
    const reading = Promise.withResolvers<never>();
    const stuck = { ...storage.readModel, messages: () => reading.promise };
    const world = await actorWorld({ clock, storage: { ...storage, readModel: stuck } });
    const { door } = world.system;
    const session = await world.createSession();
    await world.say(session, 'first');
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'turn.started'));
    stuck.storedSession = async () => {
      throw new JournalUnavailable('the test says so');
    };
    const crashing = clock.brokenFor(() => door.updateSession(session, { title: 'C' }));
    expect(await crashing).toMatchObject(internal);
    expect(await door.updateSession(session, { title: 'D' })).toMatchObject({
      refusal: { code: 'unavailable', retryable: true },
    });
    Object.assign(stuck, storage.readModel);
    expect(acceptedValue(await door.updateSession(session, { title: 'D' })).title).toBe('D');
    await world.publisher.turnsEnded(1);
    const ends = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'turn.ended' ? [event.data.outcome] : [],
    );
    expect(ends).toEqual(['interrupted']);
  });
});

describe('a config patch that the journal rejects', () => {
  // Before the fix: no session receives such an event, so it was accepted although it had been given up.
  it('[OUT6] is refused, and what was committed stays', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const before = door.runtimeConfig();
    world.storage.failNextAppends(new JournalRejected('the test says so'));
    expect(await door.updateConfig({ theme: 'aurora' }, 'a')).toMatchObject(internal);
    expect(door.runtimeConfig()).toEqual(before);
    // Before the fix: the refused patch stayed in the actor, so that the next one included it.
    const next = await door.updateConfig({ features: { later: true } }, 'a');
    expect(next).toMatchObject({ ok: true, value: { theme: before.theme, features: { later: true } } });
  });
});

// Before the fix: a turn failed when the database became unavailable just as its model call needed the history.
describe('a turn whose history cannot be read', () => {
  it('[REC6] waits until the database is back', async () => {
    const storage = memoryStorage();
    let failures = 3;
    const conversation: typeof storage.readModel.conversation = (...asked) => {
      if (failures-- > 0) return Promise.reject(new JournalUnavailable('the test says so'));
      return storage.readModel.conversation(...asked);
    };
    const world = await actorWorld({
      storage: { ...storage, readModel: { ...storage.readModel, conversation } },
    });
    const session = await world.createSession();
    await world.say(session, 'first');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Done' });
    await call.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
    expect(failures).toBe(-1);
    expect(world.publisher.names()).not.toContain('agent.activity error');
  });

  it('[REC6] can be cancelled meanwhile', async () => {
    const storage = memoryStorage();
    const conversation = () => Promise.reject(new JournalUnavailable('the test says so'));
    const world = await actorWorld({
      storage: { ...storage, readModel: { ...storage.readModel, conversation } },
    });
    const session = await world.createSession();
    await world.say(session, 'first');
    acceptedValue(await world.system.door.cancelTurns(session));
    expect(world.publisher.names().at(-1)).toBe('turn.ended');
  });
});
