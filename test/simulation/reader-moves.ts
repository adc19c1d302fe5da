/** The steps that concern readers and their networks. */
import { cursorOf } from '../../schema/wire/cursor.ts';
import type { Selection } from '../../src/gateway/stream/subscriptions.ts';
import type { Reader } from './reader.ts';
import type { StepOf } from './scenario.ts';
import { chosen, someNamespaces } from './step-kinds.ts';
import type { World } from './world.ts';

function selectionOf(world: World, given: StepOf<'join'>['selection']): Selection {
  const namespaces = someNamespaces[given.namespaces] ?? ['config'];
  const sessionId = given.session === null ? undefined : chosen(world.sessions, given.session);
  return sessionId === undefined ? { namespaces } : { namespaces, sessionId };
}

export async function join(world: World, given: StepOf<'join'>): Promise<void> {
  if (world.serving === undefined || world.readers.length >= readersMax) return;
  const { namespaces, ...rest } = selectionOf(world, given.selection);
  const selection =
    given.kind === 'baseline' ? { namespaces: namespaces.slice(0, 1) } : { namespaces, ...rest };
  world.narrate(() => `a ${given.kind} reader joins: ${toldSelection(selection)}`);
  await world.step(() => world.addReader({ ...given, selection }));
}

const readersMax = 8;

function toldSelection({ namespaces, sessionId }: Selection): string {
  return `${namespaces.join(', ')}${sessionId === undefined ? '' : ` of session ${sessionId.slice(-3)}`}`;
}

function liveReader(world: World, pick: number): Reader | undefined {
  return chosen(
    world.readers.filter((reader) => reader.kind === 'live' && reader.connected),
    pick,
  );
}

export async function subscribe(world: World, given: StepOf<'subscribe'>): Promise<void> {
  const reader = liveReader(world, given.pick);
  if (reader === undefined) return;
  const selection = selectionOf(world, given.selection);
  const since = given.back === null ? undefined : Math.max(0, world.newestSeq - given.back);
  const id = 1_000_000 + reader.asked.size;
  reader.asked.set(id, { id, selection, since });
  world.narrate(() => `${reader.name} subscribes: ${toldSelection(selection)}, since ${since ?? 'now'}`);
  const cursor = since === undefined ? undefined : cursorOf({ epoch: world.storage.epoch, seq: since });
  await world.step(() => reader.say({ event: 'subscribe', data: { ...selection, since: cursor }, id }));
}

export async function unsubscribe(world: World, pick: number): Promise<void> {
  const reader = liveReader(world, pick);
  const selection = reader?.subscribed.shift();
  if (reader === undefined || selection === undefined) return;
  world.narrate(() => `${reader.name} unsubscribes: ${toldSelection(selection)}`);
  await world.step(() => {
    reader.unsubscribed.push(selection);
    reader.say({ event: 'unsubscribe', data: selection });
  });
}

export async function network(
  world: World,
  one: StepOf<'stall' | 'unstall' | 'cut' | 'reconnect' | 'read'>,
): Promise<void> {
  const reader = chosen(world.readers, one.pick);
  const socket = reader?.socket;
  if (reader === undefined) return;
  if (one.do === 'reconnect') {
    if (reader.connected || world.serving === undefined) return;
    world.narrate(() => `${reader.name} comes back with cursor ${reader.cursor ?? 'none'}`);
    await world.step(() => world.connect(reader));
    return;
  }
  if (socket === undefined || !reader.connected) return;
  if (one.do !== 'cut' && one.do !== 'read' && socket.stalled === (one.do === 'stall')) return;
  world.narrate(() => `the network of ${reader.name}: ${one.do}`);
  await world.step(() => {
    if (one.do === 'cut') socket.cut();
    else if (one.do === 'read') socket.deliver(one.bytes);
    else socket.stalled = one.do === 'stall';
  });
}
