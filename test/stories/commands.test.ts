/** Named commands, cancelling, and the door at its bounds, through the real actors over fake ports. */

import { describe, expect, it } from 'vitest';
import { shownMessage } from '../../schema/chat-message.ts';
import type { MessageId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';

const ids = countingIds(0xabc000);

function userMessage(content: string, id?: MessageId) {
  return { id, role: 'user' as const, content, toolCallId: undefined, name: undefined };
}

async function finish(call: ScriptedCall): Promise<void> {
  await call.give({ type: 'text', text: 'Done' });
  await call.give({ type: 'finish' });
}

describe('a named command', () => {
  it('[CMD1] has one effect, however often it comes, at once or later, and the same answer', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const message = userMessage('Hello', ids.next<MessageId>());
    const { door } = world.system;
    const together = await Promise.all([1, 2, 3].map(() => door.addMessage(session, message)));
    const later = await door.addMessage(session, message);
    const answers = [...together, later].map(acceptedValue);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored.map(shownMessage)).toEqual([answers[0]]);
    await finish(await world.engine.nextCall());
    await world.publisher.turnsEnded(1);
    expect(world.storage.committed().filter(({ entry }) => entry.type === 'turn.queued')).toHaveLength(1);
  });

  it('[CMD1] is recognised after a restart', async () => {
    const first = await actorWorld();
    const session = await first.createSession();
    const message = userMessage('Hello', ids.next<MessageId>());
    const named = { key: 'rename-1', fingerprint: 'a' };
    const answer = acceptedValue(await first.system.door.addMessage(session, message));
    const renamed = acceptedValue(await first.system.door.updateSession(session, { title: 'B' }, named));
    await first.system.stop();
    const second = await actorWorld({ storage: first.storage, ids: countingIds(0xdef000) });
    expect(acceptedValue(await second.system.door.addMessage(session, message))).toEqual(answer);
    acceptedValue(await second.system.door.updateSession(session, { title: 'C' }));
    expect(acceptedValue(await second.system.door.updateSession(session, { title: 'B' }, named))).toEqual(
      renamed,
    );
    expect(await second.storage.readModel.session(session)).toMatchObject({ title: 'C' });
  });

  it('[CMD1] gets its first answer by its key, and the message as it is now by its id, once it was edited', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    await world.say(session, 'running');
    const call = await world.engine.nextCall();
    const [keyed, plain] = ['Keyed', 'Plain'].map((content) => userMessage(content, ids.next<MessageId>()));
    if (keyed?.id === undefined || plain?.id === undefined) throw new Error('no ids');
    const key = { key: 'add', fingerprint: 'a' };
    const first = acceptedValue(await door.addMessage(session, keyed, key));
    acceptedValue(await door.addMessage(session, plain));
    acceptedValue(await door.editMessage(session, keyed.id, { content: 'Keyed, edited' }));
    const edited = acceptedValue(await door.editMessage(session, plain.id, { content: 'Plain, edited' }));
    expect(acceptedValue(await door.addMessage(session, keyed, key))).toEqual(first);
    expect(acceptedValue(await door.addMessage(session, plain))).toEqual(edited);
    expect(edited).toMatchObject({ content: 'Plain, edited', edited: true });
    await finish(call);
    for (const content of ['Keyed, edited', 'Plain, edited']) {
      const next = await world.engine.nextCall();
      expect(next.request.prompt.content).toBe(content);
      await finish(next);
    }
    await world.publisher.turnsEnded(3);
  });

  it('[CMD2] is refused when its name was used for something else', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    const id = ids.next<MessageId>();
    const first = door.addMessage(session, userMessage('Hello', id));
    const conflicts: unknown[] = [await door.addMessage(session, userMessage('Goodbye', id))];
    acceptedValue(await first);
    conflicts.push(await door.addMessage(session, userMessage('Goodbye', id)));
    acceptedValue(await door.archiveSession(session, { key: 'k', fingerprint: 'archive' }));
    conflicts.push(await door.deleteSession(session, { key: 'k', fingerprint: 'delete' }));
    conflicts.push(
      await door
        .updateConfig({}, 'a', { key: 'k', fingerprint: 'config' })
        .then((outcome) => (outcome.ok ? Promise.reject(new Error('accepted')) : outcome)),
    );
    for (const conflict of conflicts) {
      expect(conflict).toMatchObject({ ok: false, refusal: { code: 'conflict', retryable: false } });
    }
  });

  it('[CMD2] is another message when its id was used in another session, at the same time or later', async () => {
    const world = await actorWorld();
    const [session, other, later] = [
      await world.createSession(),
      await world.createSession(),
      await world.createSession(),
    ];
    const { door } = world.system;
    const id = ids.next<MessageId>();
    const note = (content: string) => ({ ...userMessage(content, id), role: 'assistant' as const });
    const both = await Promise.all([
      door.addMessage(session, note('Mine')),
      door.addMessage(other, note('Theirs')),
    ]);
    const third = await door.addMessage(later, note('Later'));
    const said = [...both, third].map((outcome) => acceptedValue(outcome));
    expect(said).toMatchObject([
      { id, sessionId: session, content: 'Mine' },
      { id, sessionId: other, content: 'Theirs' },
      { id, sessionId: later, content: 'Later' },
    ]);
    acceptedValue(await door.deleteMessage(other, id));
    // Deleted in one session, it is answered in the others as it was.
    expect(await door.addMessage(other, note('Theirs'))).toMatchObject({ refusal: { code: 'conflict' } });
    expect(acceptedValue(await door.addMessage(session, note('Mine')))).toEqual(said[0]);
    expect(acceptedValue(await door.addMessage(later, note('Later')))).toEqual(said[2]);
  });

  it('[CMD1] creates one session for one key, and patches the config once', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const named = { key: 'create', fingerprint: 'x' };
    const sessions = [
      ...(await Promise.all([
        door.createSession({ title: 'A' }, named),
        door.createSession({ title: 'A' }, named),
      ])),
      await door.createSession({ title: 'A' }, named),
    ].map(acceptedValue);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
    expect(await world.storage.readModel.sessions({ limit: 10 })).toHaveLength(1);
    expect(world.system.registry.size).toBe(1);
    const patch = { key: 'patch', fingerprint: 'y' };
    acceptedValue(await door.updateConfig({ theme: 'light' }, 'a', patch));
    acceptedValue(await door.updateConfig({ theme: 'aurora' }, 'a'));
    acceptedValue(await door.updateConfig({ theme: 'light' }, 'a', patch));
    expect(door.runtimeConfig().theme).toBe('aurora');
  });

  it('[CMD3] is not overtaken by what comes after it', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    const contents = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      contents.map((content, index) =>
        door.addMessage(session, userMessage(content, index % 2 === 0 ? ids.next<MessageId>() : undefined)),
      ),
    );
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored.map(({ content }) => content)).toEqual(contents);
  });
});

describe('cancelling', () => {
  it('[CAN1] aborts the model, keeps the text and ends the turn as cancelled; again it changes nothing', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const prompt = await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Half' });
    const first = acceptedValue(await world.system.door.cancelTurns(session));
    expect(first).toEqual({ sessionId: session, cancelled: [prompt.id] });
    expect(call.signal.aborted).toBe(true);
    const names = world.publisher.names();
    expect(names.slice(names.indexOf('message.delta') + 1)).toEqual([
      'trace.span.appended',
      'message.updated',
      'trace.span.appended',
      'trace.updated',
      'agent.activity idle',
      'turn.ended',
    ]);
    const seen = world.publisher.seen.length;
    expect(acceptedValue(await world.system.door.cancelTurns(session)).cancelled).toEqual([]);
    expect(world.publisher.seen).toHaveLength(seen);
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored.at(-1)?.content).toBe('Half');
  });

  it('[CAN2] removes a waiting turn from the queue and leaves the running one alone', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'one');
    const two = await world.say(session, 'two');
    await world.say(session, 'three');
    const call = await world.engine.nextCall();
    expect(acceptedValue(await world.system.door.cancelTurns(session, two.id)).cancelled).toEqual([two.id]);
    expect(call.signal.aborted).toBe(false);
    await finish(call);
    const next = await world.engine.nextCall();
    expect(next.request.prompt.content).toBe('three');
    await finish(next);
    await world.publisher.turnsEnded(3);
    const outcomes = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'turn.ended' ? [event.data.outcome] : [],
    );
    expect(outcomes).toEqual(['cancelled', 'completed', 'completed']);
  });

  it('[CAN3] aborts running tools, each of which ends as failed', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'tool');
    const call = await world.engine.nextCall();
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'endless', argumentsJson: '{}' });
    await call.give({ type: 'finish' });
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
    acceptedValue(await world.system.door.cancelTurns(session));
    expect(world.publisher.names().slice(-6)).toEqual([
      'tool.result',
      'trace.span.appended',
      'trace.span.appended',
      'trace.updated',
      'agent.activity idle',
      'turn.ended',
    ]);
  });
});

describe('bounds of the door', () => {
  it('[LIM10] refuses a message when too many turns wait', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'running');
    await world.engine.nextCall();
    for (let count = 0; count < limits.turnsWaitingMax; count++) await world.say(session, `waiting ${count}`);
    expect(await world.system.door.addMessage(session, userMessage('one too many'))).toMatchObject({
      ok: false,
      refusal: { code: 'queue_full', retryable: true },
    });
    const stored = await world.storage.readModel.messages(session, { limit: 100 }, 'current');
    expect(stored).toHaveLength(limits.turnsWaitingMax + 1);
  });

  it('[LIM11] refuses a command when too many of its session are unanswered', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const hold = world.storage.hold();
    const { door } = world.system;
    const pending = Array.from({ length: limits.sessionCommandsMax }, () => door.archiveSession(session));
    expect(await door.archiveSession(session)).toMatchObject({
      ok: false,
      refusal: { code: 'session_busy', retryable: true },
    });
    hold.release();
    for (const outcome of await Promise.all(pending)) acceptedValue(outcome);
    acceptedValue(await door.archiveSession(session));
  });

  it('[LIM12] keeps no more sessions in memory than allowed, and wakes one that had to leave', async () => {
    const world = await actorWorld({ sessionsLiveMax: 3 });
    const sessions = [];
    for (let count = 0; count < 10; count++) sessions.push(await world.createSession(`Session ${count}`));
    expect(world.system.registry.size).toBe(3);
    const [oldest] = sessions;
    if (oldest === undefined) throw new Error('no session was created');
    expect(acceptedValue(await world.system.door.updateSession(oldest, {})).title).toBe('Session 0');
    expect(world.system.registry.size).toBe(3);
  });

  it('[LIM12] never evicts a session that answers, and refuses when all do', async () => {
    const world = await actorWorld({ sessionsLiveMax: 2 });
    const calls = [];
    for (const title of ['A', 'B']) {
      const session = await world.createSession(title);
      await world.say(session, 'Hello');
      calls.push(await world.engine.nextCall());
    }
    expect(await world.system.door.createSession({ title: 'C' })).toMatchObject({
      ok: false,
      refusal: { code: 'overloaded', retryable: true },
    });
    for (const call of calls) await finish(call);
    await world.publisher.turnsEnded(2);
    acceptedValue(await world.system.door.createSession({ title: 'C' }));
  });

  it('[LIM13] passivates what is idle, and what answers not', async () => {
    const world = await actorWorld();
    const busy = await world.createSession();
    await world.createSession();
    await world.say(busy, 'Hello');
    const call = await world.engine.nextCall();
    world.system.registry.passivateIdle(Number.POSITIVE_INFINITY);
    expect(world.system.registry.size).toBe(1);
    await finish(call);
    await world.publisher.turnsEnded(1);
    world.system.registry.passivateIdle(Number.POSITIVE_INFINITY);
    expect(world.system.registry.size).toBe(0);
    const again = await world.say(busy, 'Still there?');
    expect(again.content).toBe('Still there?');
  });

  it('[OUT5] refuses commands while the journal is down, and takes them again when it is back', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    world.storage.breakDown();
    const { door, outbox } = world.system;
    const pending = door.updateSession(session, { title: 'Before the outage was noticed' });
    while (outbox.available) await new Promise((resolve) => setImmediate(resolve));
    for (const outcome of [await door.archiveSession(session), await door.updateConfig({}, 'a')]) {
      expect(outcome).toMatchObject({ ok: false, refusal: { code: 'unavailable', retryable: true } });
    }
    world.storage.recover();
    expect(acceptedValue(await pending).title).toBe('Before the outage was noticed');
    expect(acceptedValue(await door.archiveSession(session)).status).toBe('archived');
  });
});
