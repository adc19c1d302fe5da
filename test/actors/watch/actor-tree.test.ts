/** Actors as inspectors see them: their kinds and names. */
import { expect, it } from 'vitest';
import { actorsFrom, sessionPath, viewOf } from '../../../actors/watch/actor-tree.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

function namesOf({ system: { actors } }: ActorWorld, session: SessionId): string[] {
  const root = actors.find(sessionPath(session));
  if (root === undefined) return [];
  return actorsFrom(root)
    .map((actor) => viewOf(actor, actors.notes))
    .map(({ kind, label }) => (kind === label ? kind : `${kind} ${label}`))
    .sort();
}

it('[INS3] name where an answer comes from: an engine, or the source of an outside agent', async () => {
  const world = await actorWorld();
  const [asked, pushed] = [await world.createSession('Asked'), await world.createSession('Pushed')];
  await world.say(asked, 'Hello');
  await world.engine.nextCall();
  acceptedValue(await world.system.door.startTurn(pushed, { agent: 'weather', leaseMs: 60_000 }));
  expect(namesOf(world, asked)).toEqual(['engine', 'session Asked', 'trace engine.run', 'turn']);
  expect(namesOf(world, pushed)).toEqual(['session Pushed', 'source weather', 'trace engine.run', 'turn']);
  await world.system.stop();
});
