/** When the execution tree is told, and what it tells, through the real actors. */
import { describe, expect, it } from 'vitest';
import { ExecutionTrees } from '../../../actors/watch/execution-tree.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import { type SessionId, sessionIdSchema, turnIdSchema } from '../../../schema/ids.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';
import { type ActorWorld, acceptedValue, actorWorld, tickingClock } from '../../fakes/actor-world.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';
import { silentLog } from '../../fakes/silent-log.ts';

function trees(world: ActorWorld) {
  return world.publisher.seen.flatMap(({ event }) =>
    event.type === 'execution-tree.updated' ? [event.data.state] : [],
  );
}

/** Lets reads and timers of the event loop pass. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const rootOf = (world: ActorWorld) => trees(world).map(({ agentHierarchy }) => agentHierarchy[0]);

async function answered(world: ActorWorld, session: SessionId): Promise<void> {
  await world.say(session, 'Hello');
  const call = await world.engine.nextCall();
  await settled();
  await call.give({ type: 'text', text: 'Hi!' });
  await call.give({ type: 'finish' });
  await settled();
}

describe('the execution tree', () => {
  it('[ORC1] is told at the start and at the end of a run without a tool', async () => {
    const world = await actorWorld();
    const session = await world.createSession('Greetings');
    await settled();
    expect(trees(world)).toEqual([]);
    await answered(world, session);
    const [first, last, ...more] = trees(world);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      sessionId: session,
      agentHierarchy: [{ id: session, name: 'Greetings', metadata: { messageCount: 1, step: 1 } }],
      contextBundles: [{ id: `${session}-history`, sizeBytes: 5 }],
    });
    expect(last?.agentHierarchy[0]?.metadata).toEqual({ messageCount: 2, state: 'idle' });
    expect(last?.contextBundles).toMatchObject([{ sizeBytes: 8 }]);
    expect(last?.toolInvocations).toEqual([]);
    expect(await world.system.executionTrees.tree(session)).toMatchObject({
      agentHierarchy: last?.agentHierarchy ?? [],
    });
  });

  it('[ORC1] is told when a call changes, under the agent of the session', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Use a tool');
    const first = await world.engine.nextCall();
    await first.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{"n":1}' });
    await first.give({ type: 'finish' });
    const second = await world.engine.nextCall();
    await second.give({ type: 'text', text: 'Done' });
    await second.give({ type: 'finish' });
    await settled();
    const told = trees(world).at(-1);
    expect(told?.toolInvocations).toMatchObject([
      {
        name: 'echo',
        status: 'completed',
        metadata: { agentId: session, arguments: { n: 1 }, result: { n: 1 } },
      },
    ]);
    expect(told?.agentHierarchy.map(({ id }) => id)).toEqual([session]);
  });

  it('[ORC6] is not read while nobody would get it', async () => {
    const clock = tickingClock();
    const reads: SessionId[] = [];
    const listening = new Set<SessionId>();
    const session = sessionIdSchema.parse(exampleIds.session);
    const read = async (id: SessionId) => {
      reads.push(id);
      return undefined;
    };
    const told = new ExecutionTrees({
      readModel: {
        session: read,
        sessionToolCalls: async () => [],
        historySize: async () => ({ messages: 0, bytes: 0 }),
      },
      running: () => null,
      modelOf: () => 'rehearsal',
      publisher: {
        volatile: () => {},
        isHeard: (namespace, id) => namespace === 'chat-sessions' && listening.has(id),
      },
      clock: { ...clock, soon: (run) => run() },
      log: silentLog,
    });
    const turnId = turnIdSchema.parse(exampleIds.turn);
    const timestamp = new Date(0).toISOString();
    const begun: DomainEvent = {
      type: 'turn.started',
      sessionId: session,
      at: 0,
      data: { turnId, sessionId: session, timestamp },
    };
    told.committed(begun);
    await settled();
    expect(reads).toEqual([]);
    listening.add(session);
    told.committed(begun);
    await settled();
    expect(reads).toEqual([session]);
  });

  it('[ORC3] names the model of the next turn: of the session, else of the server, else of the engine', async () => {
    const storage = memoryStorage();
    const bare = await actorWorld({ storage });
    const session = await bare.createSession();
    await answered(bare, session);
    const { name } = bare.engine;
    expect(rootOf(bare).at(-1)).toMatchObject({ provider: name, model: name });
    await bare.system.stop();
    const world = await actorWorld({ storage, modelOptions: { model: 'local/small' } });
    await answered(world, session);
    expect(rootOf(world).at(-1)).toMatchObject({ provider: 'local', model: 'small' });
    acceptedValue(await world.system.door.updateSession(session, { options: { model: 'local/large' } }));
    expect((await world.system.executionTrees.tree(session))?.agentHierarchy).toMatchObject([
      { provider: 'local', model: 'large' },
    ]);
  });

  it('[ORC5] is not told after the session has been deleted', async () => {
    const storage = memoryStorage();
    const { readModel } = storage;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const historySize = async (id: SessionId) => {
      const size = await readModel.historySize(id);
      await held;
      return size;
    };
    const slow = { ...storage, readModel: { ...readModel, historySize } };
    const world = await actorWorld({ storage: slow });
    const session = await world.createSession();
    await world.say(session, 'Hello');
    await world.engine.nextCall();
    await settled();
    acceptedValue(await world.system.door.deleteSession(session));
    await settled();
    release();
    await settled();
    expect(world.publisher.names()).toContain('session.deleted');
    expect(trees(world)).toEqual([]);
    expect(await world.system.executionTrees.tree(session)).toBeUndefined();
  });
});
