/**
 * The time machine's engine. Goal: given the same events again, a session's machines emit every event of its journal
 * again ([INS8]). Method: sessions lived by generated plans, with every command, setting, crash and waking; their
 * journals are read back as a store returns them, and every step is compared. Some journals have changed, cut off or
 * missing causes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CausedEvent } from '../../../actors/ports.ts';
import { SessionReplay } from '../../../actors/replay/session-replay.ts';
import { defaultTurnBounds } from '../../../machines/turn-context.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { noon } from '../../arbitraries/instants.ts';
import { type LivePlan, livePlan } from '../../arbitraries/live-steps.ts';
import { theSession } from '../../arbitraries/session-commands.ts';
import { cases, effort } from '../../effort.ts';
import { acceptedValue, actorWorld } from '../../fakes/actor-world.ts';
import { type MemoryStorage, memoryStorage } from '../../fakes/memory-storage.ts';
import { runLive } from '../../machines/live-session.ts';
import { beginLife, giveOrders, storageOf, turnsEnd } from './lived-scenario.ts';
import { systemOptions, wholeScenario } from './scenario-arbitrary.ts';

const create = {
  kind: 'command',
  command: { type: 'session.create', title: 'A title', description: undefined, at: noon, named: false },
} as const;

/** Tools end when they are told to: a tool that throws as it is started only concerns the machines. */
function created(plan: LivePlan): LivePlan {
  return { tools: [], steps: [create, ...plan.steps] };
}

function basesOf(sessionId: SessionId, journal: readonly CausedEvent[]): string[] {
  return [...new SessionReplay(sessionId, journal).steps()].map(({ basis }) => basis);
}

/** The first event that is neither replayed nor closed, among its neighbours. */
function oddOf(sessionId: SessionId, journal: readonly CausedEvent[]): string | null {
  for (const { basis, committed, note } of new SessionReplay(sessionId, journal).steps()) {
    if (basis === 'replayed' || basis === 'closed') continue;
    const at = journal.indexOf(committed);
    const around = journal.slice(Math.max(0, at - 8), at + 4);
    const lines = around.map(
      ({ seq, event, cause }) =>
        `${seq === committed.seq ? '>' : ' '} ${JSON.stringify(event)} ${cause ?? ''}`,
    );
    return [`${basis}: ${note}`, ...lines].join('\n');
  }
  return null;
}

async function journalsOf(storage: MemoryStorage): Promise<Map<SessionId, readonly CausedEvent[]>> {
  const journals = new Map<SessionId, readonly CausedEvent[]>();
  for (const { entry } of storage.committed()) {
    const { sessionId } = entry;
    if (sessionId === null || journals.has(sessionId)) continue;
    journals.set(sessionId, await storage.eventLog.ofSession({ sessionId, after: 0, limit: 100_000 }));
  }
  return journals;
}

const askedTwice: LivePlan = created({
  tools: [],
  steps: [
    {
      kind: 'command',
      command: { type: 'message.add', role: 'user', content: 'hi', at: noon, named: false },
    },
    { kind: 'calls', count: 1, at: noon },
    { kind: 'finish', at: noon },
    { kind: 'toolEnds', which: 0, failed: false, at: noon },
  ],
});

describe('a session replayed', () => {
  it('[INS8] says every event again, whatever its actors heard', () => {
    fc.assert(
      fc.property(livePlan, (plan) => {
        const { journal } = runLive(created(plan));
        expect(basesOf(theSession, journal)).toHaveLength(journal.length);
        expect(oddOf(theSession, journal)).toBeNull();
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  it('[INS8] says every event of any life again, with all commands, settings, crashes and wakings', async () => {
    const seen = {
      closed: 0,
      woken: 0,
      timers: 0,
      deleted: 0,
      selected: 0,
      imported: 0,
      continued: 0,
      steered: 0,
    };
    await fc.assert(
      fc.asyncProperty(
        wholeScenario,
        fc.nat(),
        systemOptions,
        systemOptions,
        async (scenario, cut, firstSystem, secondSystem) => {
          const storage = memoryStorage();
          const first = await beginLife(scenario, { storage, firstId: 1, system: firstSystem });
          await giveOrders(scenario, first);
          await turnsEnd(first);
          const sizes = [0, ...storage.batchSizes()];
          await first.world.system.stop();
          // The process dies between any two commits.
          const length = sizes.slice(0, 1 + (cut % sizes.length)).reduce((sum, size) => sum + size, 0);
          const later = await storageOf(storage.committed().slice(0, length));
          const second = await beginLife(scenario, {
            storage: later,
            firstId: 0x100000,
            laterMs: 60_000,
            system: secondSystem,
          });
          await second.world.system.recover();
          await giveOrders(scenario, second);
          // The end of the process interrupts some turns; others have ended before.
          if (cut % 2 === 0) await turnsEnd(second);
          await second.world.system.drain(0);
          await second.world.system.stop();
          for (const [sessionId, journal] of await journalsOf(later)) {
            expect(basesOf(sessionId, journal)).toHaveLength(journal.length);
            expect(oddOf(sessionId, journal)).toBeNull();
            for (const { basis, note, inputs, committed } of new SessionReplay(sessionId, journal).steps()) {
              const { event } = committed;
              if (event.type === 'message.deleted') seen.deleted++;
              if (event.type === 'branch.selected') seen.selected++;
              if (event.type === 'session.imported') seen.imported++;
              if (event.type === 'turn.queued' && event.data.continuesAt !== undefined) seen.continued++;
              if (event.type === 'turn.queued' && event.data.steers === true) seen.steered++;
              if (basis === 'closed') seen.closed++;
              if (note?.includes('woke here') === true) seen.woken++;
              if (inputs.some(({ event }) => event.type.startsWith('xstate.after'))) seen.timers++;
            }
          }
        },
      ),
      { numRuns: cases({ quick: 25, full: 100 }) },
    );
    // Few lives may miss what is rare.
    if (effort !== 'full') return;
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
  }, 120_000);

  it('[INS8] knows the options of a session and the bounds of its turns', async () => {
    const world = await actorWorld({ turnBounds: { ...defaultTurnBounds, stepsMax: 1 } });
    const options = { temperature: 0.5 };
    const { id } = acceptedValue(await world.system.door.createSession({ title: 'x', options }));
    await world.say(id, 'What time is it?');
    const call = await world.engine.nextCall();
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{}' });
    await call.give({ type: 'finish' });
    await world.publisher.until(() =>
      world.storage.committed().some(({ entry }) => entry.type === 'turn.ended'),
    );
    const journal = (await journalsOf(world.storage)).get(id) ?? [];
    expect(journal.map(({ event }) => event.type)).toContain('tool.result');
    expect(new Set(basesOf(id, journal))).toEqual(new Set(['replayed']));
    await world.system.stop();
  });

  it('[INS8] [TTL5] knows the titles that models made, or had no time to make', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const { id } = acceptedValue(await door.createSession({ title: 'x', autoTitle: true }));
    const exchange = async (ended: number) => {
      const { id: question } = await world.say(id, 'A question');
      const call = await world.engine.nextCall();
      await call.give({ type: 'text', text: 'An answer' });
      await call.give({ type: 'finish' });
      await world.publisher.turnsEnded(ended);
      return { question, naming: await world.engine.nextCall() };
    };
    const first = await exchange(1);
    acceptedValue(await door.deleteMessage(id, first.question));
    const second = await exchange(2);
    await second.naming.give({ type: 'error', message: 'it broke' });
    const third = await exchange(3);
    await third.naming.give({ type: 'text', text: 'A title' });
    await third.naming.give({ type: 'finish' });
    await world.publisher.until(() =>
      world.storage
        .committed()
        .some(({ entry }) => entry.type === 'session.updated' && entry.data.title === 'A title'),
    );
    await world.system.stop();
    const journal = (await journalsOf(world.storage)).get(id) ?? [];
    expect(new Set(basesOf(id, journal))).toEqual(new Set(['replayed']));
    expect(journal.map(({ cause }) => cause ?? '').join('\n')).not.toContain('A title');
  });

  it('[INS8] marks the step whose cause is another than it was', () => {
    const { journal } = runLive(askedTwice);
    const place = journal.findIndex(({ cause }) => cause?.includes('"tool.completed"') === true);
    expect(place).toBeGreaterThan(0);
    const changed = journal.map((one, index) =>
      index === place
        ? { ...one, cause: one.cause?.replace('"tool.completed"', '"tool.failed"') ?? '' }
        : one,
    );
    const steps = [...new SessionReplay(theSession, changed).steps()];
    expect(steps[place]).toMatchObject({
      basis: 'differing',
      committed: { event: { type: 'tool.result' } },
      note: expect.stringContaining('the machines say tool.result here'),
    });
    expect(steps.slice(0, place).every(({ basis }) => basis === 'replayed')).toBe(true);
  });

  it('[INS8] shows as recorded what other machines said, and what has no cause', () => {
    const { journal } = runLive(askedTwice);
    const old = journal.map(({ seq, event }) => ({ seq, event }));
    expect(new Set(basesOf(theSession, old))).toEqual(new Set(['recorded']));
    const others = journal.map((one) => ({
      ...one,
      ...(one.cause === undefined
        ? {}
        : { cause: one.cause.replace(/"machines":"[^"]*"/, '"machines":"0.x"') }),
    }));
    const [step] = new SessionReplay(theSession, others).steps();
    expect(step).toMatchObject({
      basis: 'recorded',
      actor: null,
      note: expect.stringContaining('version 0.x'),
    });
    expect(new Set(basesOf(theSession, others))).toEqual(new Set(['recorded']));
    const lost = journal.map((one, index) =>
      index === 0 ? { ...one, cause: JSON.stringify({ ...JSON.parse(one.cause ?? ''), causes: null }) } : one,
    );
    expect(new Set(basesOf(theSession, lost))).toEqual(new Set(['recorded']));
  });

  it('[INS8] is recorded where its beginning is deleted, and replayed from the next waking on', async () => {
    const world = await actorWorld();
    const id = await world.createSession();
    const { door, registry } = world.system;
    acceptedValue(await door.updateSession(id, { title: 'Second' }));
    registry.passivateIdle(Number.POSITIVE_INFINITY);
    acceptedValue(await door.updateSession(id, { title: 'Third' }));
    await world.system.stop();
    const journal = (await journalsOf(world.storage)).get(id) ?? [];
    expect(basesOf(id, journal)).toEqual(['replayed', 'replayed', 'replayed']);
    expect(basesOf(id, journal.slice(1))).toEqual(['recorded', 'replayed']);
  });

  it('[INS11] keeps no key of a client and no text that the journal has anyway', async () => {
    const world = await actorWorld();
    const named = { key: 'the-key-of-a-client', fingerprint: 'the-fingerprint' };
    const { id } = acceptedValue(await world.system.door.createSession({ title: 'The title' }, named));
    await world.say(id, 'The question');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'The answer' });
    await call.give({
      type: 'tool-call',
      modelCallId: 'a',
      name: 'echo',
      argumentsJson: '{"the":"argument"}',
    });
    await call.give({ type: 'finish' });
    const next = await world.engine.nextCall();
    await next.give({ type: 'text', text: ' goes on' });
    await next.give({ type: 'finish' });
    await world.publisher.until(() =>
      world.storage.committed().some(({ entry }) => entry.type === 'turn.ended'),
    );
    await world.system.stop();
    const journal = (await journalsOf(world.storage)).get(id) ?? [];
    expect(new Set(basesOf(id, journal))).toEqual(new Set(['replayed']));
    const causes = journal.map(({ cause }) => cause ?? '').join('\n');
    const words = [
      'the-key',
      'the-fingerprint',
      'The title',
      'The question',
      'The answer',
      'goes on',
      'argument',
    ];
    for (const word of words) expect(causes).not.toContain(word);
    const all = world.publisher.seen.map((one) => JSON.stringify(one)).join('\n');
    expect(all).not.toContain('"causes"');
  });

  it('[INS8] shows calls and turns in the states in which they ended', () => {
    const { journal } = runLive(askedTwice);
    const shown = new Map<string, unknown>();
    for (const { committed, views, inputs } of new SessionReplay(theSession, journal).steps()) {
      const states = views().map(({ view }) => `${view.kind} ${JSON.stringify(view.value)}`);
      shown.set(committed.event.type, { states, inputs: inputs.map(({ event }) => event.type) });
    }
    const responding = 'session {"open":{"status":"active","intake":"taking","activity":"responding"}}';
    expect(shown.get('tool.result')).toEqual({
      states: [
        responding,
        'turn {"modelCall":{"calling":"requesting"}}',
        'engine null',
        'toolCall "completed"',
        'trace "running"',
      ],
      inputs: ['tool.completed'],
    });
    expect(shown.get('turn.ended')).toMatchObject({
      states: [
        'session {"open":{"status":"active","intake":"taking","activity":"idle"}}',
        'turn "completed"',
        'answer "ended"',
        'trace "completed"',
      ],
    });
  });
});
