/** Traces of clients through the real actors over fake ports: repetitions, restarts, deletions, purges. */
import { describe, expect, it } from 'vitest';
import { JournalRejected } from '../../actors/ports.ts';
import { type SpanId, spanIdSchema, type TraceId, traceIdSchema } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { GivenSpan } from '../../schema/trace-span.ts';
import { acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';

const ids = countingIds(0xdef000);
const at = Date.UTC(2026, 10, 23);

function span(given: Partial<GivenSpan> = {}): GivenSpan {
  const id = spanIdSchema.parse(ids.next<SpanId>());
  return { id, name: 'work', startedAt: isoTimestamp(at), endedAt: isoTimestamp(at + 5), ...given };
}

const conflict = { ok: false, refusal: { code: 'conflict', retryable: false } };

describe('a trace of a client', () => {
  it('[TRC8] [TRC9] [TRC12] [TRC13] is made, appended to and ended, each told once', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    const made = acceptedValue(
      await door.createTrace({ name: 'sweep', sessionId: session, metadata: { job: 7 } }),
    );
    expect(made).toMatchObject({ status: 'running', origin: 'client', sessionId: session });
    const child = span({ parentId: spanIdSchema.parse(ids.next<SpanId>()) });
    expect(acceptedValue(await door.appendSpans(made.id, [child, span()]))).toEqual({
      traceId: made.id,
      stored: 2,
    });
    const ended = acceptedValue(await door.finaliseTrace(made.id, { status: 'failed', error: 'full' }));
    expect(ended).toMatchObject({ status: 'failed', metadata: { job: 7, error: 'full' } });
    expect(world.publisher.names().slice(-4)).toEqual([
      ...['trace.created', 'trace.span.appended', 'trace.span.appended', 'trace.updated'],
    ]);
    const { readModel } = world.storage;
    expect(await readModel.trace(made.id)).toEqual(ended);
    const [first] = await readModel.spans(made.id, { limit: 10 });
    expect(first).toEqual({ ...child, traceId: made.id, status: 'ok', attributes: {} });
    expect(await door.appendSpans(made.id, [span()])).toMatchObject(conflict);
    expect(await door.finaliseTrace(made.id, {})).toMatchObject(conflict);
  });

  it('[TRC8] [TRC10] has one effect of what is repeated, at once and after a restart', async () => {
    const first = await actorWorld();
    const id = traceIdSchema.parse(ids.next<TraceId>());
    const create = (world: typeof first, name = 'sweep') => world.system.door.createTrace({ id, name });
    const together = await Promise.all([create(first), create(first)]);
    expect(together[0]).toEqual(together[1]);
    const spans = [span(), span()];
    const append = (world: typeof first) => world.system.door.appendSpans(id, spans);
    const answers = await Promise.all([append(first), append(first)]);
    const second = await actorWorld({ storage: first.storage });
    answers.push(await append(second));
    for (const answer of answers) expect(answer).toEqual({ ok: true, value: { traceId: id, stored: 2 } });
    expect(await create(second)).toEqual(together[0]);
    expect(await create(second, 'other')).toMatchObject(conflict);
    const changed = spans.map((one) => ({ ...one, name: 'changed' }));
    expect(await second.system.door.appendSpans(id, [span(), ...changed])).toMatchObject(conflict);
    expect(await second.storage.readModel.spans(id, { limit: 10 })).toHaveLength(2);
    acceptedValue(await second.system.door.finaliseTrace(id, {}));
    const third = await actorWorld({ storage: first.storage });
    acceptedValue(await append(third));
    acceptedValue(await third.system.door.finaliseTrace(id, {}));
    expect(await third.system.door.appendSpans(id, [span()])).toMatchObject(conflict);
  });

  it('[TRC8] [TRC14] must be one, and not that of a run', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    const [run] = await world.storage.readModel.traces({ limit: 1 });
    const { door } = world.system;
    if (run === undefined) throw new Error('there is no run');
    expect(await door.appendSpans(run.id, [span()])).toMatchObject(conflict);
    expect(await door.finaliseTrace(run.id, {})).toMatchObject(conflict);
    expect(await door.createTrace({ id: run.id, name: 'engine.run' })).toMatchObject(conflict);
    const unknown = traceIdSchema.parse(ids.next<TraceId>());
    const missing = { ok: false, refusal: { code: 'not_found' } };
    expect(await door.appendSpans(unknown, [span()])).toMatchObject(missing);
    expect(await door.finaliseTrace(unknown, {})).toMatchObject(missing);
    const nowhere = { name: 'sweep', sessionId: ids.next<typeof session>() };
    expect(await door.createTrace(nowhere)).toMatchObject(missing);
    await call.give({ type: 'text', text: 'Hi' });
    await call.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
  });

  it('[TRC15] outlives its session, of which nothing is told after its end', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    const { id } = acceptedValue(await door.createTrace({ name: 'sweep', sessionId: session }));
    const asleep = acceptedValue(await door.createTrace({ name: 'asleep', sessionId: session }));
    const [, ...rest] = await Promise.all([
      door.deleteSession(session),
      door.appendSpans(id, [span()]),
      door.appendSpans(id, [span()]),
    ]);
    for (const outcome of rest) acceptedValue(outcome);
    const ended = acceptedValue(await door.finaliseTrace(id, {}));
    expect(ended).not.toHaveProperty('sessionId');
    const later = await actorWorld({ storage: world.storage });
    acceptedValue(await later.system.door.appendSpans(asleep.id, [span()]));
    const events = world.storage.committed().map(({ entry }) => entry);
    const deleted = events.findIndex(({ type }) => type === 'session.deleted');
    expect(events.slice(deleted + 1).filter(({ sessionId }) => sessionId === session)).toEqual([]);
    expect(await world.storage.readModel.spans(id, { limit: 10 })).toHaveLength(2);
  });

  it('[TRC15] refuses more commands than may wait', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const { id } = acceptedValue(await door.createTrace({ name: 'sweep' }));
    const all = await Promise.all(
      Array.from({ length: limits.traceCommandsMax + 1 }, () => door.appendSpans(id, [span()])),
    );
    expect(all.at(-1)).toMatchObject({ refusal: { code: 'session_busy', retryable: true } });
    expect(all.filter(({ ok }) => ok)).toHaveLength(limits.traceCommandsMax);
  });

  it('[OUT6] [TRC10] is as it is stored after the journal refused an append', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const { id } = acceptedValue(await door.createTrace({ name: 'sweep' }));
    world.storage.failNextAppends(new JournalRejected('the test says so'));
    const lost = span();
    expect(await door.appendSpans(id, [lost])).toMatchObject({ refusal: { code: 'internal' } });
    acceptedValue(await door.appendSpans(id, [lost]));
    expect(await world.storage.readModel.spans(id, { limit: 10 })).toHaveLength(1);
  });

  it('[TRC16] is purged when it ended long ago, and never while it runs', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const traces = await Promise.all(['a', 'b', 'c'].map((name) => door.createTrace({ name })));
    const [first, second, third] = traces.map((outcome) => acceptedValue(outcome).id);
    if (first === undefined || second === undefined || third === undefined) return;
    acceptedValue(await door.appendSpans(first, [span()]));
    acceptedValue(await door.finaliseTrace(first, {}));
    acceptedValue(await door.finaliseTrace(second, { status: 'failed' }));
    const later = Date.now() + 1_000_000_000_000;
    while (await world.system.purgeTraces(later));
    const { readModel } = world.storage;
    expect((await readModel.traces({ limit: 10 })).map(({ id }) => id)).toEqual([third]);
    expect(await readModel.spans(first, { limit: 10 })).toEqual([]);
    const told = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'trace.purged' ? event.data.ids : [],
    );
    expect(new Set(told)).toEqual(new Set([first, second]));
    expect(await door.appendSpans(first, [span()])).toMatchObject({ refusal: { code: 'not_found' } });
    acceptedValue(await door.appendSpans(third, [span()]));
  });
});
