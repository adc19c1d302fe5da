/**
 * The outbox alone: order, commit before publish, group commit, retries and rejections. Emissions and the journal's
 * speed are generated; what is published is compared with what was emitted.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CauseLedger } from '../../../actors/causes/cause-ledger.ts';
import type { LaneKey } from '../../../actors/outbox/lane-key.ts';
import { Outbox } from '../../../actors/outbox/outbox.ts';
import { JournalRejected } from '../../../actors/ports.ts';
import type { CommandReply } from '../../../schema/commands.ts';
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Emission } from '../../../schema/text-piece.ts';
import { toolFact } from '../../../schema/tool-event.ts';
import { countingIds, tickingClock } from '../../fakes/actor-world.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';
import { recordingPublisher } from '../../fakes/recording-publisher.ts';

const ids = countingIds();
const sessions = [ids.next<SessionId>(), ids.next<SessionId>(), ids.next<SessionId>()] as const;
const silentLog = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const noMessage = () => {
  throw new Error('nobody asks for the message here');
};

/** `afterMs`: how long every delay takes; by default no time. */
function outboxWorld({ afterMs = 0 } = {}) {
  const storage = memoryStorage();
  const publisher = recordingPublisher();
  const replies: CommandReply[] = [];
  const rejected: LaneKey[] = [];
  const outbox = new Outbox({
    causes: new CauseLedger(),
    journal: storage.journal,
    publisher,
    clock: { ...tickingClock(), after: (_delay, run) => tickingClock().after(afterMs, run) },
    log: silentLog,
    onReply: (reply) => replies.push(reply),
    onRejected: (key) => rejected.push(key),
  });
  return { storage, publisher, outbox, replies, rejected };
}

function activity(sessionId: SessionId): JournaledEvent {
  const data = { sessionId, state: 'idle' as const, timestamp: '2026-11-23T00:00:00.000Z' };
  return { type: 'agent.activity', sessionId, at: 0, data };
}

function delta(sessionId: SessionId, offset: number): Emission {
  const messageId = sessionId as string as MessageId;
  return { type: 'message.delta', sessionId, messageId, offset, text: 'x', soFar: noMessage };
}

const longResult = 'x'.repeat(limits.toolResultUnitsMax);

function toolResult(sessionId: SessionId): JournaledEvent {
  const id = sessionId as string as ToolCallId;
  const turnId = sessionId as string as TurnId;
  return {
    type: 'tool.result',
    sessionId,
    at: 0,
    data: toolFact({ sessionId, id, name: 'tool', status: 'completed', at: 0, agentId: null }),
    record: { turnId, modelCallId: 'a', argumentsJson: '{}', result: longResult },
  };
}

function checkpoint(sessionId: SessionId): JournaledEvent {
  const messageId = sessionId as string as MessageId;
  return {
    type: 'message.checkpoint',
    sessionId,
    at: 0,
    data: { sessionId, messageId, offset: 0, text: 'x' },
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function reply(sessionId: SessionId): CommandReply {
  return { type: 'command.accepted', sessionId, commandId: ids.next<CommandId>(), result: null };
}

const emission = fc
  .tuple(fc.constantFrom(...sessions), fc.constantFrom('durable', 'stream'), fc.nat())
  .map(
    ([session, kind, offset]): Emission => (kind === 'durable' ? activity(session) : delta(session, offset)),
  );

/** What happens between emissions: the journal lets a batch go, fails one, or the event loop turns. */
const step = fc.oneof(
  { weight: 4, arbitrary: emission.map((value) => ({ kind: 'emit' as const, value })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
);

describe('the outbox', () => {
  it('[OUT1] [OUT2] [OUT3] [OUT5] shows each session what it emitted, in order and once, and commits first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { storage, publisher, outbox } = outboxWorld();
        const hold = storage.hold();
        const emitted: Emission[] = [];
        let committedWhenSeen = true;
        const durable = publisher.durable;
        Object.assign(publisher, {
          durable: (event: JournaledEvent, seq: number) => {
            committedWhenSeen &&= storage
              .committed()
              .some((entry) => entry.seq === seq && entry.entry === event);
            durable(event, seq);
          },
        });
        for (const each of steps) {
          if (each.kind === 'emit') {
            emitted.push(each.value);
            outbox.accept(each.value);
          } else if (each.kind === 'commit') hold.step();
          else if (each.kind === 'fail') storage.failNextAppends();
          else await new Promise((resolve) => setImmediate(resolve));
        }
        hold.release();
        await Promise.all(sessions.map((session) => outbox.settled(session)));
        const seen = publisher.seen.map((entry) => entry.event);
        for (const session of sessions) {
          const of = (events: readonly Emission[]) => events.filter((event) => event.sessionId === session);
          expect(of(seen)).toEqual(of(emitted));
        }
        const seqs = publisher.seen.flatMap((entry) => (entry.seq === null ? [] : [entry.seq]));
        expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
        expect(committedWhenSeen).toBe(true);
        expect(outbox.backlog).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('[OUT3] lets a piece pass at once when its session has nothing uncommitted', () => {
    const { publisher, outbox, storage } = outboxWorld();
    storage.hold();
    outbox.accept(activity(sessions[0]));
    outbox.accept(delta(sessions[0], 0));
    outbox.accept(delta(sessions[1], 0));
    expect(publisher.seen.map((entry) => entry.event.sessionId)).toEqual([sessions[1]]);
  });

  it('[OUT4] writes what was emitted during a transaction in the next one, together', async () => {
    const { storage, outbox } = outboxWorld();
    const hold = storage.hold();
    outbox.accept(activity(sessions[0]));
    await storage.appendStarted();
    for (const session of sessions) outbox.accept(activity(session));
    hold.release();
    await outbox.flushed();
    expect(storage.batchSizes()).toEqual([1, 3]);
  });

  it('[OUT4] [OUT8] bounds a transaction, but never cuts through what was emitted together', async () => {
    const { storage, outbox } = outboxWorld();
    const max = limits.journalBatchEventsMax;
    const hold = storage.hold();
    outbox.accept(activity(sessions[0]));
    await storage.appendStarted();
    for (const burst of [max - 1, 2, max + 5, 3]) {
      for (let count = 0; count < burst; count++) outbox.accept(activity(sessions[0]));
      await Promise.resolve();
    }
    hold.release();
    await outbox.flushed();
    expect(storage.batchSizes()).toEqual([1, max - 1, 2, max + 5, 3]);
  });

  it('[OUT9] gathers checkpoints until something urgent takes them along, there are many, or time is up', async () => {
    const { storage, outbox } = outboxWorld({ afterMs: 3_600_000 });
    const sizes = () => storage.batchSizes();
    for (const session of sessions) outbox.accept(checkpoint(session));
    await turns(5);
    expect([sizes(), outbox.backlog]).toEqual([[], 3]);
    outbox.accept(activity(sessions[0]));
    await outbox.settled(sessions[0]);
    expect(sizes()).toEqual([4]);
    for (let count = 0; count < limits.journalBatchEventsMax; count++) outbox.accept(checkpoint(sessions[0]));
    await turns(5);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(4 + limits.journalBatchEventsMax);
    outbox.accept(checkpoint(sessions[1]));
    // A caller that waits for the journal does not wait for more events to gather.
    await outbox.flushed();
    expect(outbox.backlog).toBe(0);
    const patient = outboxWorld();
    patient.outbox.accept(checkpoint(sessions[2]));
    while (patient.outbox.backlog > 0) await turns(1);
    expect(patient.storage.batchSizes()).toEqual([1]);
  });

  it('[OUT5] [OUT9] writes checkpoints alone again when the journal failed', async () => {
    const { storage, outbox } = outboxWorld();
    storage.failNextAppends();
    outbox.accept(checkpoint(sessions[0]));
    while (outbox.backlog > 0) await turns(1);
    expect(storage.committed()).toHaveLength(1);
  });

  it('[OUT10] is full when what waits takes too many bytes, however few events it is', async () => {
    const { storage, outbox } = outboxWorld();
    const hold = storage.hold();
    const fits = Math.floor(limits.journalQueueBytesMax / limits.toolResultUnitsMax) - 1;
    for (let count = 0; count < fits; count++) outbox.accept(toolResult(sessions[0]));
    expect([outbox.isFull, outbox.isCongested(sessions[1])]).toEqual([false, false]);
    for (let count = 0; count < 2; count++) outbox.accept(toolResult(sessions[0]));
    expect(outbox.backlog).toBeLessThan(100);
    expect([outbox.isFull, outbox.isCongested(sessions[1])]).toEqual([true, true]);
    hold.release();
    await outbox.flushed();
    expect([outbox.isFull, outbox.isCongested(sessions[1])]).toEqual([false, false]);
  });

  it('[OUT10] counts what it gives up no more', async () => {
    const { storage, outbox, rejected } = outboxWorld();
    const hold = storage.hold();
    storage.failNextAppends(new JournalRejected('the test says so'));
    const many = Math.ceil(limits.journalQueueBytesMax / limits.toolResultUnitsMax);
    for (let count = 0; count < many; count++) outbox.accept(toolResult(sessions[0]));
    expect(outbox.isFull).toBe(true);
    hold.release();
    await outbox.flushed();
    expect(rejected).toEqual([sessions[0]]);
    expect(outbox.isFull).toBe(false);
  });

  it('[OUT10] pauses a stream whose pieces wait with too many bytes', async () => {
    const { storage, outbox } = outboxWorld();
    const hold = storage.hold();
    outbox.accept(activity(sessions[0]));
    const piece = { ...delta(sessions[0], 0), text: 'x'.repeat(limits.laneBytesMax / 4) };
    for (let count = 0; count < 3; count++) outbox.accept(piece);
    expect(outbox.isCongested(sessions[0])).toBe(false);
    outbox.accept(piece);
    expect([outbox.isCongested(sessions[0]), outbox.isCongested(sessions[1])]).toEqual([true, false]);
    hold.release();
    await outbox.settled(sessions[0]);
    expect(outbox.isCongested(sessions[0])).toBe(false);
  });

  it('[OUT5] says that it is unavailable until a retry succeeds', async () => {
    const { storage, outbox, publisher } = outboxWorld();
    storage.breakDown();
    outbox.accept(activity(sessions[0]));
    while (outbox.available) await new Promise((resolve) => setImmediate(resolve));
    expect(outbox.isCongested(sessions[1])).toBe(true);
    expect(publisher.seen).toEqual([]);
    storage.recover();
    await outbox.settled(sessions[0]);
    expect(outbox.available).toBe(true);
    expect(publisher.seen).toHaveLength(1);
  });

  it('[OUT6] gives up the events of the one session that the journal rejects', async () => {
    const { storage, outbox, publisher, rejected } = outboxWorld();
    const [bad, good] = sessions;
    const rejecting = storage.journal.append;
    Object.assign(storage.journal, {
      append: async (batch: readonly JournaledEvent[]) => {
        if (batch.some((event) => event.sessionId === bad)) throw new JournalRejected('the test says so');
        return rejecting(batch);
      },
    });
    outbox.accept(activity(bad));
    outbox.accept(activity(good));
    outbox.accept(delta(bad, 0));
    await Promise.all([outbox.settled(bad), outbox.settled(good)]);
    expect(rejected).toEqual([bad]);
    expect(
      publisher.seen.filter((entry) => entry.seq !== null).map((entry) => entry.event.sessionId),
    ).toEqual([good]);
    expect(outbox.available).toBe(true);
  });

  it('[OUT5] [OUT6] is available again when the journal rejects, and nothing else is to be written', async () => {
    const { storage, outbox } = outboxWorld();
    const fates = [new Error('away'), new JournalRejected('the test says so')];
    Object.assign(storage.journal, { append: () => Promise.reject(fates.shift()) });
    outbox.accept(activity(sessions[0]));
    await outbox.flushed();
    expect(fates).toEqual([]);
    expect(outbox.available).toBe(true);
  });

  it('[OUT7] answers a command after its events are seen', async () => {
    const { storage, outbox, publisher, replies } = outboxWorld();
    const hold = storage.hold();
    outbox.accept(activity(sessions[0]));
    outbox.accept(reply(sessions[0]));
    await storage.appendStarted();
    expect(replies).toEqual([]);
    hold.release();
    await outbox.settled(sessions[0]);
    expect(publisher.seen).toHaveLength(1);
    expect(replies).toHaveLength(1);
  });
});
