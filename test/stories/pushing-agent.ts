/** Agents that push their answers into a world of real actors: what they say, and what became of it. */
import { SessionReplay } from '../../actors/replay/session-replay.ts';
import type { SessionId } from '../../schema/ids.ts';
import { type PushedPart, pushedPartSchema, type StartedTurn } from '../../schema/pushed-turn.ts';
import { type ActorWorld, acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import { type MemoryStorage, memoryStorage } from '../fakes/memory-storage.ts';

/** A part without its number. */
export type Given = { readonly type: string } & Readonly<Record<string, unknown>>;

export function partsFrom(first: number, ...given: readonly Given[]): PushedPart[] {
  return given.map((part, index) => pushedPartSchema.parse({ ...part, seq: first + index }));
}

export const text = (said: string): Given => ({ type: 'text', text: said });
export const reasoning = (said: string): Given => ({ type: 'reasoning', text: said });
export const call = (callId: string, more: object = {}): Given => ({
  type: 'tool-call',
  callId,
  name: 'look',
  arguments: { at: callId },
  ...more,
});
export const result = (callId: string, more: object = {}): Given => ({
  type: 'tool-result',
  callId,
  result: `found ${callId}`,
  ...more,
});

export type Agent = {
  readonly world: ActorWorld;
  readonly session: SessionId;
  readonly turn: StartedTurn;
  readonly push: (parts: readonly PushedPart[]) => ReturnType<ActorWorld['system']['door']['turns']['push']>;
};

/** An agent that has begun a turn of a new session. */
export async function agent(world: ActorWorld, body: { readonly leaseMs?: number } = {}): Promise<Agent> {
  const session = await world.createSession();
  const turn = acceptedValue(await world.system.door.startTurn(session, { agent: 'weather', ...body }));
  return agentOf(world, session, turn);
}

export function agentOf(world: ActorWorld, session: SessionId, turn: StartedTurn): Agent {
  return {
    world,
    session,
    turn,
    push: (parts) => world.system.door.turns.push(turn.turnId, turn.lease, parts),
  };
}

/** Another life on what was committed. */
export async function reborn(storage: MemoryStorage, { session, turn }: Agent): Promise<Agent> {
  const copy = memoryStorage();
  for (const { entry } of storage.committed()) await copy.journal.append([entry]);
  const world = await actorWorld({ storage: copy, ids: countingIds(0x10000 + storage.committed().length) });
  await world.system.recover();
  return agentOf(world, session, turn);
}

export const answerOf = ({ world, session, turn }: Agent) =>
  world.storage.tables.message(session, turn.answerId);

export const finish = ({ world, turn }: Agent, seq?: number) =>
  world.system.door.turns.finish(turn.turnId, { lease: turn.lease, seq });

/** What the replay of the session cannot explain. */
export async function differing(world: ActorWorld, sessionId: SessionId): Promise<string[]> {
  const journal = await world.storage.eventLog.ofSession({ sessionId, after: 0, limit: 100_000 });
  return [...new SessionReplay(sessionId, journal).steps()].flatMap(({ basis, note, committed }) =>
    basis === 'replayed' || basis === 'closed' ? [] : [`${committed.event.type}: ${basis}, ${note}`],
  );
}
