/**
 * The journal for those who replay it elsewhere. Goal: nothing is lost on the way, and no page is too large. Method: a
 * session of the real actors, read page by page as JSON, and replayed from that.
 */
import { expect, it } from 'vitest';
import { SessionReplay } from '../../../actors/replay/session-replay.ts';
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import { isEventName } from '../../../schema/event-table.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { inspectedJournalSchema } from '../../../schema/session-journal.ts';
import { journalPage } from '../../../src/inspect/session-journal.ts';
import { acceptedValue, actorWorld, countingIds } from '../../fakes/actor-world.ts';

it('[INS12] is read page by page, and replayed elsewhere as here', async () => {
  const world = await actorWorld();
  const id = await world.createSession();
  for (let count = 0; count < 20; count++)
    acceptedValue(await world.system.door.updateSession(id, { title: `Title ${count}` }));
  await world.system.stop();
  const events = [];
  let pages = 0;
  let next: number | null = 0;
  while (next !== null) {
    const page: unknown = await journalPage(world.storage, id, { after: next, limit: 7 });
    const read = inspectedJournalSchema.parse(JSON.parse(JSON.stringify(page)));
    expect(read.events.length).toBeLessThanOrEqual(7);
    events.push(...read.events);
    next = read.next;
    pages++;
  }
  expect(pages).toBe(Math.ceil(events.length / 7));
  const kept = await world.storage.eventLog.ofSession({ sessionId: id, after: 0, limit: 1000 });
  const there = events.flatMap(({ event, ...rest }) => (isJournaled(event) ? [{ ...rest, event }] : []));
  const stepsOf = (journal: Parameters<typeof replay>[0]) => replay(journal, id);
  expect(stepsOf(there)).toEqual(stepsOf(kept));
  expect(new Set(stepsOf(there).map(({ basis }) => basis))).toEqual(new Set(['replayed']));
});

it('[INS12] ends a page before it is too large, and sends at least one event', async () => {
  const world = await actorWorld();
  const id = await world.createSession();
  for (let count = 0; count < 4; count++)
    acceptedValue(await world.system.door.updateSession(id, { title: `Title ${count}` }));
  await world.system.stop();
  const sizeOf = async (causeUnits: number) => {
    const ofSession: typeof world.storage.eventLog.ofSession = async (query) =>
      (await world.storage.eventLog.ofSession(query)).map((event) => ({
        ...event,
        cause: 'x'.repeat(causeUnits),
      }));
    const ports = { readModel: world.storage.readModel, eventLog: { ...world.storage.eventLog, ofSession } };
    return await journalPage(ports, id, { after: 0, limit: limits.journalPageEventsMax });
  };
  expect((await sizeOf(limits.journalPageBytes * 0.4))?.events).toHaveLength(2);
  const huge = await sizeOf(limits.journalPageBytes * 2);
  expect([huge?.events.length, huge?.next]).toEqual([1, huge?.events[0]?.seq]);
  expect((await sizeOf(1))?.next).toBeNull();
  const unknown = countingIds(900).next<SessionId>();
  expect(await journalPage(world.storage, unknown, { after: 0, limit: 1 })).toBeUndefined();
});

function replay(journal: ConstructorParameters<typeof SessionReplay>[1], id: SessionId) {
  return [...new SessionReplay(id, journal).steps()].map(({ basis, note, views }) => ({
    basis,
    note,
    views: JSON.stringify(views()),
  }));
}

function isJournaled(event: object): event is JournaledEvent {
  const type: unknown = Reflect.get(event, 'type');
  return typeof type === 'string' && isEventName(type);
}
