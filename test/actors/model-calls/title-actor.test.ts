/**
 * Goal: a model names a session once, and never against a person. Method: the real actors over a store in memory and an
 * engine that the test answers; properties for what a model may say.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { titleIn } from '../../../actors/model-calls/title-actor.ts';
import type { Clock } from '../../../actors/ports.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import { createChatSessionSchema } from '../../../schema/chat-session.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import {
  type ActorWorld,
  acceptedValue,
  actorWorld,
  countingIds,
  tickingClock,
} from '../../fakes/actor-world.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';
import type { ScriptedCall } from '../../fakes/scripted-engine.ts';

const events = (world: ActorWorld): readonly DomainEvent[] =>
  world.storage.committed().map(({ entry }) => entry);

async function unnamedSession(world: ActorWorld): Promise<SessionId> {
  const { door } = world.system;
  const options = { model: 'chosen', temperature: 1 };
  return acceptedValue(await door.createSession({ title: 'New', autoTitle: true, options })).id;
}

/** Asks and answers; the model call that follows is the one for the title, if there is any. */
async function answered(
  world: ActorWorld,
  session: SessionId,
  question = 'Where is Paris?',
): Promise<MessageId> {
  const ended = events(world).filter(({ type }) => type === 'turn.ended').length;
  const { id } = await world.say(session, question);
  await answer(await world.engine.nextCall(), 'In France.');
  await world.publisher.until(() => events(world).filter(({ type }) => type === 'turn.ended').length > ended);
  return id;
}

async function answer(call: ScriptedCall, text: string): Promise<void> {
  await call.give({ type: 'text', text });
  await call.give({ type: 'finish', reason: 'stop' });
}

async function stored(world: ActorWorld, session: SessionId): Promise<ChatSession | undefined> {
  await world.publisher.until(() => true);
  return world.storage.readModel.session(session);
}

const titled = (world: ActorWorld, title: string) =>
  world.publisher.until(() =>
    events(world).some((event) => event.type === 'session.updated' && event.data.title === title),
  );

describe('a title', () => {
  it('[TTL1] is made once, of the first completed answer, by the model that gave it', async () => {
    const world = await actorWorld();
    const session = await unnamedSession(world);
    expect(await stored(world, session)).toMatchObject({ autoTitle: true });
    const question = `Where is ${'very '.repeat(1000)}far?`;
    await answered(world, session, question);
    const call = await world.engine.nextCall();
    const [told, ...others] = call.request.conversation;
    expect(others).toEqual([]);
    const words = told?.role === 'user' ? told.content : '';
    expect(words).toContain(question.slice(0, limits.titleSourceUnitsMax));
    expect(words).not.toContain(question.slice(0, limits.titleSourceUnitsMax + 1));
    expect(words).toContain('In France.');
    expect(call.request).toMatchObject({ tools: [], options: { model: 'chosen' } });
    expect(call.request.options).not.toHaveProperty('temperature');
    await answer(call, '"Far places"');
    await titled(world, 'Far places');
    expect(await stored(world, session)).not.toHaveProperty('autoTitle');
    await answered(world, session);
    await answered(world, session);
    const names = events(world).flatMap((event) =>
      event.type === 'session.updated' ? [event.data.title] : [],
    );
    expect(new Set(names)).toEqual(new Set(['New', 'Far places']));
    await world.system.stop();
  });

  it('[TTL1] is made by `titleModel`, if there is one, and only for those who asked', async () => {
    const world = await actorWorld({ titleModel: 'cheap' });
    const other = await world.createSession();
    await answered(world, other);
    const session = await unnamedSession(world);
    await answered(world, session);
    expect((await world.engine.nextCall()).request).toMatchObject({
      sessionId: session,
      options: { model: 'cheap' },
    });
    await world.system.stop();
  });

  it('[TTL2] never replaces that of a person, who came before or meanwhile', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const early = await unnamedSession(world);
    acceptedValue(await door.updateSession(early, { title: 'Mine' }));
    await answered(world, early);
    const session = await unnamedSession(world);
    acceptedValue(await door.updateSession(session, { description: 'About it' }));
    await answered(world, session);
    const call = await world.engine.nextCall();
    expect(call.request.sessionId).toBe(session);
    acceptedValue(await door.updateSession(session, { title: 'Mine, too' }));
    await answer(call, 'From a model');
    acceptedValue(await door.archiveSession(session));
    expect(await stored(world, session)).toMatchObject({ title: 'Mine, too', status: 'archived' });
    expect(await stored(world, early)).toMatchObject({ title: 'Mine' });
    await world.system.stop();
  });

  it('[TTL3] is made of a later answer if the model fails, throws or says nothing', async () => {
    const world = await actorWorld();
    const session = await unnamedSession(world);
    const failures: ((call: ScriptedCall) => Promise<void>)[] = [
      (call) => call.give({ type: 'error', message: 'it is overloaded' }),
      (call) => call.fail(new Error('it broke')),
      (call) => answer(call, ' \n**""**\n'),
      (call) => call.give({ type: 'finish', reason: 'stop' }),
    ];
    for (const fail of failures) {
      await answered(world, session);
      await fail(await world.engine.nextCall());
      expect(await stored(world, session)).toMatchObject({ title: 'New', autoTitle: true });
    }
    await answered(world, session);
    expect(world.logs.filter(({ message }) => message === 'No title was made')).toHaveLength(4);
    await answer(await world.engine.nextCall(), 'At last');
    await titled(world, 'At last');
    await world.system.stop();
  });

  it('[TTL3] is made of a later answer if the model takes too long', async () => {
    const ticking = tickingClock();
    let late = () => {};
    const clock: Clock = {
      ...ticking,
      after: (delay, run) => {
        if (delay !== limits.titleMsMax) return ticking.after(delay, run);
        late = run;
        return () => {};
      },
    };
    const world = await actorWorld({ clock });
    const session = await unnamedSession(world);
    await answered(world, session);
    const call = await world.engine.nextCall();
    late();
    expect(call.signal.aborted).toBe(true);
    await answered(world, session);
    await answer(await world.engine.nextCall(), 'At last');
    await titled(world, 'At last');
    await world.system.stop();
  });

  it('[TTL3] [TTL6] is made of a later answer if the process ends, which waits for none', async () => {
    const storage = memoryStorage();
    const first = await actorWorld({ storage });
    const session = await unnamedSession(first);
    await answered(first, session);
    const call = await first.engine.nextCall();
    await first.system.drain(60_000);
    await first.system.stop();
    expect(call.signal.aborted).toBe(true);
    const second = await actorWorld({ storage, ids: countingIds(1000) });
    expect(await stored(second, session)).toMatchObject({ title: 'New', autoTitle: true });
    await answered(second, session);
    await answer(await second.engine.nextCall(), 'At last');
    await titled(second, 'At last');
    await second.system.stop();
  });

  it('[TTL5] is not made when the session is deleted meanwhile', async () => {
    const world = await actorWorld();
    const session = await unnamedSession(world);
    await answered(world, session);
    const call = await world.engine.nextCall();
    acceptedValue(await world.system.door.deleteSession(session));
    expect(call.signal.aborted).toBe(true);
    await world.createSession();
    expect(
      events(world)
        .filter(({ sessionId }) => sessionId === session)
        .at(-1)?.type,
    ).toBe('session.deleted');
    await world.system.stop();
  });

  it('[TTL5] tells nothing of messages that are deleted meanwhile, also with the turn that runs below', async () => {
    for (const runs of [false, true]) {
      const world = await actorWorld();
      const session = await unnamedSession(world);
      const question = await answered(world, session, 'The secret?');
      const call = await world.engine.nextCall();
      if (runs) await world.say(session, 'More?');
      acceptedValue(await world.system.door.deleteMessage(session, question));
      expect(call.signal.aborted).toBe(true);
      expect(await stored(world, session)).toMatchObject({ title: 'New', autoTitle: true });
      if (runs) await world.engine.nextCall();
      await answered(world, session);
      await answer(await world.engine.nextCall(), 'Another');
      await titled(world, 'Another');
      await world.system.stop();
    }
  });

  it('[TTL6] is made while the session answers, and keeps it in memory', async () => {
    const world = await actorWorld();
    const session = await unnamedSession(world);
    await answered(world, session);
    const call = await world.engine.nextCall();
    world.system.registry.passivateIdle(Number.POSITIVE_INFINITY);
    expect(call.signal.aborted).toBe(false);
    await answered(world, session);
    await answer(call, 'Paris');
    await titled(world, 'Paris');
    await world.system.stop();
  });
});

describe('what a model says', () => {
  it('[TTL4] is a legal title of one line, or none, whatever it is', () => {
    const part = fc.constantFrom(
      'Title:',
      '**',
      '"',
      '\n',
      ' ',
      '.',
      '#',
      '\u202e',
      '\ud800',
      '\0',
      'Paris',
      '你好',
    );
    const said = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(part, { maxLength: 200 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(said, (text) => {
        const title = titleIn(text);
        if (title === null) return;
        expect(createChatSessionSchema.safeParse({ title }).data?.title).toBe(title);
        expect(title).toMatch(/^[^\s#*"]/u);
        expect(title).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });

  it('[TTL4] is found at once, however long the piece is', () => {
    const began = performance.now();
    titleIn(`a${' '.repeat(1_000_000)}b`);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it.each([
    ['Paris', 'Paris'],
    ['\n\n# **Paris in spring**\n\nIt is about…', 'Paris in spring'],
    ['“Paris”', 'Paris'],
    ['Title: "Paris"', 'Paris'],
    ['**Title:** Paris.', 'Paris'],
    ['**Title**: _Paris_', 'Paris'],
    ['**Paris** in spring', 'Paris in spring'],
    ['Titles: a survey', 'Titles: a survey'],
    [`${'\n'.repeat(limits.titleAnswerUnitsMax)}Too late`, null],
    ['x'.repeat(120), 'x'.repeat(120)],
    ['😀'.repeat(121), `${'😀'.repeat(119)}…`],
    ['"."', null],
    ['', null],
  ])('[TTL4] %j is the title %j', (said, title) => {
    expect(titleIn(said)).toBe(title);
  });
});
