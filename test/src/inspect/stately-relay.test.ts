import { expect, it } from 'vitest';
import { sessionPath } from '../../../actors/watch/actor-tree.ts';
import { limits } from '../../../schema/limits.ts';
import { inspectFrame } from '../../../schema/wire/inspect-frame.ts';
import { Inspectors } from '../../../src/inspect/inspectors.ts';
import { statelyMessages } from '../../../src/inspect/stately-relay.ts';
import { acceptedValue, actorWorld, tickingClock } from '../../fakes/actor-world.ts';

it('[INS6] hands on what the tools of Stately know, with what they need of each kind', async () => {
  const world = await actorWorld();
  const id = await world.createSession();
  const inspectors = new Inspectors(world.system.actors, tickingClock(), limits.previewUnitsMax);
  const told = Promise.withResolvers<string>();
  const offer = (frame: string) => {
    told.resolve(frame);
    return true;
  };
  acceptedValue(inspectors.focus({ offer, isGone: () => false }, sessionPath(id)));
  await world.say(id, 'Hello');
  await world.engine.nextCall();
  const messages = statelyMessages(await told.promise).map((text) => JSON.parse(text));
  expect(new Set(messages.map(({ type }) => type))).toEqual(
    new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
  );
  for (const message of messages) {
    expect(message).toMatchObject({
      _version: '0.7.2',
      sessionId: expect.any(String),
      rootId: sessionPath(id),
    });
    expect(Number(message.createdAt)).toBeGreaterThan(0);
  }
  const root = messages.find(
    ({ type, sessionId }) => type === '@xstate.actor' && sessionId === sessionPath(id),
  );
  expect(JSON.parse(root.definition)).toMatchObject({
    id: 'chatSession',
    states: { open: { type: 'parallel' } },
  });
  expect(statelyMessages(inspectFrame('inspect.changes', '{}'))).toEqual([]);
  inspectors.stop();
  await world.system.stop();
});
