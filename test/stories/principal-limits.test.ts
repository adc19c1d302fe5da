/** What principals may spend in a day, and how many sessions they may store, through the real actors over fake ports. */
import { expect, it } from 'vitest';
import type { Clock } from '../../actors/ports.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import type { Principal } from '../../schema/principal.ts';
import { acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import { principalWith } from '../fakes/example-key.ts';
import { type MemoryStorage, memoryStorage } from '../fakes/memory-storage.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';

const anna = principalWith('key:anna', ['chat']);
const ben = principalWith('key:ben', ['chat']);
const annasOwn = { owner: anna.id, tenant: null };
const evening = Date.UTC(2026, 10, 23, 23, 59, 0);

async function world(storage: MemoryStorage, ids: number, perDayMax = 100) {
  let now = evening;
  const clock: Clock = {
    now: () => now,
    after: (delay, run) => {
      const timer = setTimeout(run, delay);
      return () => clearTimeout(timer);
    },
    soon: (run) => void setImmediate(run),
  };
  const refused: SessionOwner[] = [];
  const made = await actorWorld({
    storage,
    clock,
    ids: countingIds(ids),
    tokenLimit: { perDayMax: () => perDayMax, refused: (_kind, principal) => refused.push(principal) },
  });
  return {
    ...made,
    refused,
    later: (ms: number) => {
      now += ms;
    },
    ask: (session: SessionId, by?: Principal) => {
      const message = { role: 'user' as const, content: 'Hello', toolCallId: undefined, name: undefined };
      return made.system.door.addMessage(session, message, undefined, by);
    },
  };
}

async function finish(call: ScriptedCall, tokens: number): Promise<void> {
  await call.give({ type: 'text', text: 'Done' });
  await call.give({ type: 'finish', usage: { inputTokens: tokens - 1, outputTokens: 1 } });
}

it('[LIM28] charges whoever sent the message, refuses the next command until midnight, and finishes what runs', async () => {
  const storage = memoryStorage();
  const { system, publisher, engine, refused, later, createSession, ask } = await world(storage, 0x100);
  const [one, two] = [await createSession(), await createSession()];
  const question = acceptedValue(await ask(one, anna)).id;
  acceptedValue(await ask(two, anna));
  await finish(await engine.nextCall(), 150);
  await publisher.turnsEnded(1);
  // The other answer runs on.
  const { door } = system;
  const codes = [
    await ask(one, anna),
    await door.regenerateMessage(one, question, {}, undefined, anna),
    await door.editMessage(one, question, { content: 'Again' }, undefined, anna),
    await door.startTurn(one, { agent: 'bot' }, undefined, anna),
  ].map((outcome) => (outcome.ok ? null : outcome.refusal));
  for (const reason of codes)
    expect(reason).toMatchObject({ code: 'tokens_per_day', retryAfterMs: 60_000, retryable: false });
  expect(refused).toEqual([annasOwn, annasOwn, annasOwn, annasOwn]);
  acceptedValue(await ask(one, ben));
  acceptedValue(await ask(one));
  await finish(await engine.nextCall(), 5);
  await publisher.turnsEnded(2);
  expect(await storage.readModel.tokensSpent(annasOwn, '2026-11-23')).toBe(155);
  const stored = publisher.seen.map(({ event }) => event).filter(({ type }) => type === 'turn.ended');
  expect(stored[0]).toMatchObject({ data: { spent: { owner: 'key:anna', tenant: null, tokens: 150 } } });
  later(60_001);
  acceptedValue(await ask(two, anna));
});

it('[LIM28] a restart refills nothing', async () => {
  const storage = memoryStorage();
  const first = await world(storage, 0x100);
  const session = await first.createSession();
  acceptedValue(await first.ask(session, anna));
  await finish(await first.engine.nextCall(), 100);
  await first.publisher.turnsEnded(1);
  await first.system.stop();
  const second = await world(storage, 0x10000);
  // Three at once: none overtakes the read of what was spent.
  const outcomes = await Promise.all([1, 2, 3].map(() => second.ask(session, anna)));
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'tokens_per_day' } });
  acceptedValue(await second.ask(session, ben));
});

it('[LIM28] a turn that the process left open is charged when it runs on, and when it is closed', async () => {
  const storage = memoryStorage();
  const first = await world(storage, 0x100);
  const session = await first.createSession();
  acceptedValue(await first.ask(session, anna));
  const call = await first.engine.nextCall();
  await call.give({ type: 'tool-call', modelCallId: 'c1', name: 'endless', argumentsJson: '{}' });
  await call.give({ type: 'finish', usage: { inputTokens: 30, outputTokens: 12 } });
  await first.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
  await first.system.outbox.flushed();
  // The message that waits behind it is anna's, too.
  acceptedValue(await first.ask(session, anna));
  await first.system.outbox.flushed();
  await first.system.stop();
  const second = await world(storage, 0x10000);
  await second.system.recover();
  expect(await storage.readModel.tokensSpent(annasOwn, '2026-11-23')).toBe(42);
  await finish(await second.engine.nextCall(), 8);
  await second.publisher.turnsEnded(2);
  expect(await storage.readModel.tokensSpent(annasOwn, '2026-11-23')).toBe(50);
});

it('[LIM30] an owner has so many sessions in the store, however many it makes at once', async () => {
  const refused: SessionOwner[] = [];
  const { system } = await actorWorld({
    storedSessionLimit: { max: () => 2, refused: (_kind, owner) => refused.push(owner) },
  });
  const { door } = system;
  const make = (owner?: Principal) => door.createSession({ title: 'A title' }, undefined, owner);
  const made = await Promise.all([1, 2, 3, 4].map(() => make(anna)));
  expect(made.filter(({ ok }) => ok)).toHaveLength(2);
  expect(refused).toEqual([annasOwn, annasOwn]);
  expect(made.find(({ ok }) => !ok)).toMatchObject({
    refusal: { code: 'sessions_stored', retryable: false, retryAfterMs: 60_000 },
  });
  acceptedValue(await make(ben));
  for (let count = 0; count < 3; count++) acceptedValue(await make());
  const [first] = made;
  if (first?.ok !== true) expect.fail();
  acceptedValue(await door.deleteSession(first.value.id));
  acceptedValue(await make(anna));
});

it('[LIM31] an owner stores so many bytes of text, whoever writes, and an answer that runs is finished', async () => {
  const refused: SessionOwner[] = [];
  const ownerOf = new Map<SessionId, SessionOwner>();
  const storage = memoryStorage();
  const { system, engine, publisher } = await actorWorld({
    storage,
    owners: { known: (id) => ownerOf.get(id), know: async () => {} },
    storedByteLimit: { max: () => 5000, refused: (_kind, owner) => refused.push(owner) },
  });
  const { door } = system;
  const make = async (owner?: Principal) => {
    const { id } = acceptedValue(await door.createSession({ title: 'A title' }, undefined, owner));
    if (owner === anna) ownerOf.set(id, annasOwn);
    return id;
  };
  const say = (session: SessionId, content: string, key: string) => {
    const message = { role: 'user' as const, content, toolCallId: undefined, name: undefined };
    return door.addMessage(session, message, { key, fingerprint: content }, ben);
  };
  const [session, other] = [await make(anna), await make(anna)];
  // Two sessions and two questions: 4 × 512, and their text. At once, before anybody knows what is stored.
  const said = await Promise.all(['a', 'b'].map((key) => say(session, 'é'.repeat(200), key)));
  for (const outcome of said) acceptedValue(outcome);
  const call = await engine.nextCall();
  expect(await storage.readModel.storedBytes(annasOwn)).toBe(4 * 512 + 800);
  const tooMuch = { ok: false, refusal: { code: 'bytes_stored', retryable: false, retryAfterMs: 60_000 } };
  expect(await say(other, 'x'.repeat(5000 - 2848 - 511), 'c')).toMatchObject(tooMuch);
  expect(refused).toEqual([annasOwn]);
  acceptedValue(await say(await make(ben), 'x'.repeat(3900), 'of another'));
  await call.give({ type: 'text', text: 'y'.repeat(3000) });
  await finish(call, 5);
  await publisher.turnsEnded(1);
  // The answer has used up the rest. What begins a turn, and what stores text, is refused; what deletes is not.
  const { id: question } = acceptedValue(await say(session, 'é'.repeat(200), 'a'));
  const attempts = [
    await say(session, '', 'd'),
    await door.createSession({ title: 'One more' }, undefined, anna),
    await door.editMessage(session, question, { content: 'Again' }, undefined, ben),
    await door.regenerateMessage(session, question, {}, undefined, ben),
    await door.startTurn(other, { agent: 'bot' }, undefined, ben),
    await door.forkSession(session, { messageId: question, title: undefined }, undefined, anna),
  ];
  for (const outcome of attempts) expect(outcome).toMatchObject(tooMuch);
  acceptedValue(await door.updateSession(session, { title: 'Renamed' }));
  acceptedValue(await door.deleteSession(session));
  acceptedValue(await say(other, 'x', 'e'));
  await system.stop();
});

it('[LIM28] a pushed turn is charged to whoever had it begin', async () => {
  const storage = memoryStorage();
  const { system, publisher, createSession } = await world(storage, 0x100);
  const session = await createSession();
  const { turnId, lease } = acceptedValue(
    await system.door.startTurn(session, { agent: 'bot' }, undefined, anna),
  );
  acceptedValue(await system.door.turns.push(turnId, lease, [{ seq: 1, type: 'text', text: 'Hi' }]));
  acceptedValue(
    await system.door.turns.finish(turnId, { lease, usage: { inputTokens: 4, outputTokens: 3 } }),
  );
  await publisher.turnsEnded(1);
  expect(await storage.readModel.tokensSpent(annasOwn, '2026-11-23')).toBe(7);
});

it('[LIM28] whoever repeats a command that took effect is answered as then, and not counted as refused', async () => {
  const storage = memoryStorage();
  const { system, publisher, engine, refused, createSession } = await world(storage, 0x100);
  const { door } = system;
  const session = await createSession();
  const message = { role: 'user' as const, content: 'Hello', toolCallId: undefined, name: undefined };
  const ownId = '00000000-0000-4000-9000-000000000001' as MessageId;
  const named = { key: 'anna 1', fingerprint: 'hello' };
  const sendNamed = () => door.addMessage(session, message, named, anna);
  const sendOwn = () => door.addMessage(session, { ...message, id: ownId }, undefined, anna);
  const first = [acceptedValue(await sendNamed()), acceptedValue(await sendOwn())];
  for (let turns = 1; turns <= 2; turns++) {
    await finish(await engine.nextCall(), 100);
    await publisher.turnsEnded(turns);
  }
  const again = [acceptedValue(await sendNamed()), acceptedValue(await sendOwn())];
  expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  expect(refused).toEqual([]);
  const other = await door.addMessage(session, message, { ...named, key: 'anna 2' }, anna);
  expect(other).toMatchObject({ ok: false, refusal: { code: 'tokens_per_day' } });
  expect(refused).toEqual([annasOwn]);
  await system.stop();
});

it('[LIM30] whoever repeats the making of a session is answered as then, and what is deleted makes room', async () => {
  const refused: SessionOwner[] = [];
  const ownerOf = new Map<SessionId, SessionOwner>();
  const { system } = await actorWorld({
    owners: { known: (id) => ownerOf.get(id), know: async () => {} },
    storedSessionLimit: { max: () => 2, refused: (_kind, owner) => refused.push(owner) },
  });
  const { door } = system;
  const make = (key: string) => door.createSession({ title: key }, { key, fingerprint: key }, anna);
  const sent = await Promise.all([make('one'), make('one'), make('two'), make('two')]);
  const ids = sent.map((outcome) => acceptedValue(outcome).id);
  expect(new Set(ids).size).toBe(2);
  expect(acceptedValue(await make('one')).id).toBe(ids[0]);
  expect(refused).toEqual([]);
  for (const [index, id] of [...new Set(ids)].entries()) {
    expect(await make(`more ${index}`)).toMatchObject({ ok: false, refusal: { code: 'sessions_stored' } });
    // The owner of the second is not known any more.
    if (index === 0) ownerOf.set(id, annasOwn);
    acceptedValue(await door.deleteSession(id));
    acceptedValue(await make(`again ${index}`));
  }
  expect(refused).toEqual([annasOwn, annasOwn]);
  await system.stop();
});
