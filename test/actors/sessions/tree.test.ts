/**
 * Messages of a tree in the hands of the registry: commands about them are looked up first, and what waits outlives its
 * process. Method: the real actors over a store in memory, whose answers the test can hold back.
 */
import { describe, expect, it } from 'vitest';
import { readWaking } from '../../../actors/sessions/recovery.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../../fakes/actor-world.ts';
import { type MemoryStorage, memoryStorage } from '../../fakes/memory-storage.ts';

/** A store whose next answer about a message's place comes only after `meanwhile` has been done. */
function slowPlaces(): MemoryStorage & {
  meanwhile: (() => Promise<void>) | null;
  readonly asked: () => number;
} {
  const storage = memoryStorage();
  let asked = 0;
  const slow = {
    ...storage,
    meanwhile: null as (() => Promise<void>) | null,
    asked: () => asked,
    readModel: {
      ...storage.readModel,
      place: async (...of: Parameters<typeof storage.readModel.place>) => {
        asked++;
        const place = await storage.readModel.place(...of);
        const { meanwhile } = slow;
        slow.meanwhile = null;
        if (meanwhile !== null) await meanwhile();
        return place;
      },
    },
  };
  return slow;
}

function committed(storage: MemoryStorage): readonly DomainEvent[] {
  return storage.committed().map(({ entry }) => entry);
}

const until = (world: ActorWorld, type: DomainEvent['type'], count = 1) =>
  world.publisher.until(() => committed(world.storage).filter((one) => one.type === type).length >= count);

describe('a command about a message', () => {
  it('[TREE14] is looked up again when the turn of its session has moved the leaf meanwhile', async () => {
    const storage = slowPlaces();
    const world = await actorWorld({ storage });
    const session = await world.createSession();
    const asked = await world.say(session, 'q1');
    const call = await world.engine.nextCall();
    storage.meanwhile = async () => {
      await call.give({ type: 'text', text: 'a1' });
      await until(world, 'message.checkpoint', 0);
      await world.publisher.until(() =>
        committed(storage).some((one) => one.type === 'message.created' && one.data.promptId === asked.id),
      );
    };
    const selected = acceptedValue(await world.system.door.selectBranch(session, asked.id));
    // The question had nothing below it when it was looked up first.
    expect(selected.leafId).not.toBe(asked.id);
    expect(storage.asked()).toBe(2);
    expect(committed(storage).filter(({ type }) => type === 'branch.selected')).toEqual([]);
    await world.system.stop();
  });

  it('[TREE14] is looked up once when nothing has changed, and its session hears of it in its turn', async () => {
    const storage = slowPlaces();
    const world = await actorWorld({ storage });
    const session = await world.createSession();
    await world.say(session, 'q1');
    const { door } = world.system;
    const waiting = await world.say(session, 'q2');
    expect(waiting.queueRank).toBe(1);
    storage.meanwhile = async () => {};
    const [first, second] = await Promise.all([
      door.deleteMessage(session, waiting.id),
      door.editMessage(session, waiting.id, { content: 'too late' }),
    ]);
    expect(first.ok).toBe(true);
    expect(second).toMatchObject({ refusal: { code: 'not_found' } });
    expect(storage.asked()).toBe(2);
    await world.system.stop();
  });
});

describe('a session with a queue that wakes', () => {
  /** A session whose first message is being answered, while others wait; then its process ends. */
  async function leftWaiting(
    act: (world: ActorWorld, session: SessionId) => Promise<void>,
  ): Promise<{ readonly storage: MemoryStorage; readonly session: SessionId }> {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'q1');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'half' });
    await act(world, session);
    await world.system.stop();
    return { storage: world.storage, session };
  }

  it('[TREE15] has in its queue what waits, by rank, with messages whose turn was cancelled', async () => {
    const { storage, session } = await leftWaiting(async (world, id) => {
      const { door } = world.system;
      const second = await world.say(id, 'q2');
      acceptedValue(
        await door.addMessage(id, {
          role: 'assistant',
          content: 'note',
          toolCallId: undefined,
          name: undefined,
        }),
      );
      const third = await world.say(id, 'q3');
      acceptedValue(await door.cancelTurns(id, second.id));
      acceptedValue(await door.steerMessage(id, third.id));
    });
    const waking = await readWaking(storage.readModel, session, { now: 0, afterCrash: false });
    expect(waking?.queue.map(({ message, turn }) => [message?.content, turn?.steers ?? turn])).toEqual([
      ['q3', true],
      ['q2', null],
      ['note', null],
    ]);
    expect(waking?.closing.map(({ type }) => type)).toContain('message.updated');
    const ranks = waking?.queue.map(({ rank }) => rank) ?? [];
    expect(ranks).toEqual([...new Set(ranks)].toSorted((one, other) => one - other));
  });

  it('[TREE15] begins with what had begun, whatever waits', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    // The model call waits for the journal, so the turn has begun and nothing more.
    const asked = await world.say(session, 'q1');
    const second = await world.say(session, 'q2');
    acceptedValue(await world.system.door.steerMessage(session, second.id));
    await world.system.stop();
    const upToStart = world.storage
      .committed()
      .map(({ entry }) => entry)
      .filter(({ type }) => type !== 'turn.step.started');
    const storage = memoryStorage();
    await storage.journal.append(upToStart);
    const waking = await readWaking(storage.readModel, session, { now: 0, afterCrash: false });
    expect(waking?.closing).toEqual([]);
    expect(waking?.queue.map(({ turn }) => turn?.promptId)).toEqual([asked.id, second.id]);
    expect(waking?.queue.map(({ message }) => message?.id ?? null)).toEqual([null, second.id]);
  });

  // Before the fix: the turn had started in the journal before its question had its place.
  it('[TREE2] [TREE15] [REC1] ends what was cut off, and places what waits before its turn begins', async () => {
    const { storage, session } = await leftWaiting(async (world, id) => {
      await world.say(id, 'q2');
    });
    const before = storage.committed().length;
    const world = await actorWorld({ storage });
    await world.system.recover();
    const call = await world.engine.nextCall();
    expect(call.request.prompt.content).toBe('q2');
    const said = committed(storage).slice(before);
    const kinds = said.map(({ type }) => type);
    expect(kinds.slice(kinds.indexOf('turn.ended'))).toMatchObject([
      'turn.ended',
      'message.updated',
      'branch.selected',
      'trace.created',
      'turn.started',
      'agent.activity',
      'turn.step.started',
    ]);
    const messages = await storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(messages.map(({ content, status = 'complete' }) => [content, status])).toEqual([
      ['q1', 'complete'],
      ['half', 'interrupted'],
      ['q2', 'complete'],
    ]);
    await world.system.stop();
  });

  it('[TREE9] [TREE15] goes on with an answer whose turn had not begun', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'q1');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'half' });
    await call.give({ type: 'error', message: 'no' });
    await until(world, 'turn.ended');
    const [, answer] = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    if (answer === undefined) throw new Error('there is no answer');
    acceptedValue(await world.system.door.regenerateMessage(session, answer.id, { continue: true }));
    await world.system.stop();
    // The process ended as soon as the command was accepted.
    const entries = world.storage.committed().map(({ entry }) => entry);
    const queued = entries.findLastIndex(({ type }) => type === 'turn.queued');
    const storage = memoryStorage();
    await storage.journal.append(entries.slice(0, queued + 1));
    const next = await actorWorld({ storage });
    await next.system.recover();
    const again = await next.engine.nextCall();
    await again.give({ type: 'text', text: ' and half' });
    await again.give({ type: 'finish' });
    await until(next, 'turn.ended', 2);
    const whole = await storage.readModel.message(answer.sessionId, answer.id);
    expect(whole?.content).toBe('half and half');
    expect(whole?.status ?? 'complete').toBe('complete');
    expect(whole?.marks).toMatchObject([{ offset: 4, part: { type: 'step', step: 2 } }]);
    await next.system.stop();
  });
});
