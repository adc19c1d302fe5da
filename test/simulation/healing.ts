/** The end of every scenario: all faults end, everything that began is finished, and the world must come to rest. */
import { flow, wait } from './flow-moves.ts';
import { InvariantBroken } from './invariant.ts';
import { repeat, rest } from './order-moves.ts';
import type { World } from './world.ts';

/** Far more than any world has needed; a world that needs more does not come to rest. */
const roundsMax = 400;

export const healingBegins = 'from here on nothing fails any more';

/** Resolves when nothing is left to happen; rejects with what is left if that never comes. */
export async function heal(world: World): Promise<void> {
  world.narrate(() => healingBegins);
  await endFaults(world);
  for (let round = 0; round < roundsMax; round++) {
    await startAnew(world);
    await comeBack(world);
    await flow(world);
    await finish(world);
    const left = unfinished(world);
    if (left.length === 0 && round > 2) {
      // A heartbeat tells every reader that it misses nothing.
      await wait(world, 5100);
      await flow(world);
      if (unfinished(world).length === 0) return;
    }
    // Retries, checkpoints and time limits become due after a while; short ones come first.
    await wait(world, round < 20 ? 60 : 700);
  }
  throw new InvariantBroken('I11', `nothing comes to rest: ${unfinished(world).slice(0, 5).join('; ')}`);
}

async function endFaults(world: World): Promise<void> {
  await world.step(() => {
    world.storage.down = false;
    world.storage.foreseen = [];
    world.storage.releaseReads();
    if (world.process !== undefined) world.process.tools.server = 'there';
  });
}

async function startAnew(world: World): Promise<void> {
  if (world.process === undefined || world.process.phase === 'ended') await world.step(() => world.start());
}

async function comeBack(world: World): Promise<void> {
  if (world.serving === undefined) return;
  for (const reader of world.readers) {
    const { socket } = reader;
    if (socket?.stalled) {
      await world.step(() => {
        socket.stalled = false;
      });
    }
    if (!reader.connected) await world.step(() => world.connect(reader));
  }
  for (const order of world.orders) {
    // A command sent on a connection that broke, or its answer, is lost.
    if (order.state === 'waiting' && order.via?.closed !== undefined) order.state = 'lost';
  }
  for (const order of world.orders.filter(({ state, named }) => state === 'lost' && named)) {
    await repeat(world, order);
  }
}

/** Ends models and tools, even those that ignored an abort. */
async function finish(world: World): Promise<void> {
  const { process } = world;
  if (process === undefined) return;
  await wakeAll(world);
  await decideAll(world);
  await world.step(() => world.agents.conclude());
  for (const call of process.model.waiting) {
    await world.step(() => process.model.answer(call, { type: 'text', text: '.' }));
    if (call.waits) await world.step(() => process.model.answer(call, { type: 'finish' }));
  }
  for (const run of process.tools.waiting) {
    await world.step(() => process.tools.finish(run, { ok: true, value: 'at last' }));
  }
}

/** A session that failed too often sleeps until its next command, as the supervisor promises; this sends one. */
async function wakeAll(world: World): Promise<void> {
  if (world.serving === undefined) return;
  const open = world.storage.tables.sessionsWithOpenTurns();
  for (const session of open.filter((id) => world.asleep.has(id))) {
    await rest(world, world.order('note', { session }));
  }
}

/** Decides about every waiting call, approving some and denying others. */
async function decideAll(world: World): Promise<void> {
  if (world.serving === undefined) return;
  const calls = world.sessions.flatMap((id) => world.storage.tables.sessionToolCalls(id));
  for (const { id, sessionId, status } of calls) {
    if (status !== 'awaitingApproval') continue;
    const asked = world.orders.some(({ callId, state }) => callId === id && state === 'waiting');
    const kind = world.orders.length % 2 === 0 ? 'approve' : 'deny';
    if (!asked) await rest(world, world.order(kind, { session: sessionId, callId: id }));
  }
}

function unfinished(world: World): readonly string[] {
  const { process, storage } = world;
  if (process?.phase !== 'serving') return ['no process serves'];
  const { tables } = storage;
  return [
    ...tables.sessionsWithOpenTurns().map((id) => `session ${id.slice(-3)} has an open turn`),
    ...process.model.waiting.map(({ request }) => `the model works on "${request.prompt.content}"`),
    ...process.tools.waiting.map(({ name }) => `the tool ${name} runs`),
    ...(storage.appending === undefined ? [] : ['the journal is behind']),
    ...process.readersBehind.map(({ name }) => `${name} is behind`),
    ...world.readers.filter(({ connected }) => !connected).map(({ name }) => `${name} is gone`),
    ...world.orders
      .filter(({ state }) => state === 'waiting')
      .map(({ number }) => `order ${number} is not answered`),
    ...world.orders
      .filter(({ state, named }) => named && state === 'lost')
      .map(({ number }) => `order ${number} is to be repeated`),
  ];
}
