/**
 * Goal: whoever reads the list of waiting calls and then follows the namespace `tools` knows of each call that waits
 * ([APR9]). Method: real actors over fake ports; a reader folds the durable events of all sessions, and has what the list
 * has after each way in which a call ends to wait.
 */
import { expect, it } from 'vitest';
import type { Tool } from '../../actors/tool-ports.ts';
import type { SessionId, ToolCallId } from '../../schema/ids.ts';
import { type ActorWorld, acceptedValue, actorWorld, echoTool } from '../fakes/actor-world.ts';

const guarded: Tool = { ...echoTool, name: 'guarded', requiresApproval: true };

/** The calls that wait, by the durable events alone. */
function folded(world: ActorWorld): ToolCallId[] {
  const waiting = new Set<ToolCallId>();
  for (const { event, seq } of world.publisher.seen) {
    if (seq === null || (event.type !== 'tool.call' && event.type !== 'tool.result')) continue;
    if (event.data.status === 'awaitingApproval') waiting.add(event.data.id);
    else waiting.delete(event.data.id);
  }
  return [...waiting];
}

async function listed(world: ActorWorld): Promise<ToolCallId[]> {
  const calls = await world.storage.readModel.toolCallsWith('awaitingApproval', { limit: 10 });
  return calls.map(({ id }) => id);
}

/** A new session in which one more call waits. */
async function asking(world: ActorWorld, waitingBefore: number): Promise<[SessionId, ToolCallId]> {
  const session = await world.createSession();
  await world.say(session, 'Please');
  const call = await world.engine.nextCall();
  await call.give({ type: 'tool-call', modelCallId: 'one', name: 'guarded', argumentsJson: '{}' });
  await call.give({ type: 'finish', reason: 'tool-calls' });
  await world.publisher.until(() => folded(world).length > waitingBefore);
  const id = folded(world).at(-1);
  if (id === undefined) throw new Error('a call waits');
  return [session, id];
}

it('[APR9] the list and the durable events of all sessions agree, whatever ends the wait', async () => {
  const world = await actorWorld({ tools: [guarded] });
  const { door } = world.system;
  const [approved, denied, cancelled, deleted] = [
    await asking(world, 0),
    await asking(world, 1),
    await asking(world, 2),
    await asking(world, 3),
  ];
  expect(folded(world)).toEqual([approved[1], denied[1], cancelled[1], deleted[1]]);
  expect(await listed(world)).toEqual(folded(world));

  acceptedValue(await door.approveToolCall(...approved));
  acceptedValue(await door.denyToolCall(...denied));
  await world.publisher.until(() => folded(world).length === 2);
  expect(await listed(world)).toEqual(folded(world));
  acceptedValue(await door.cancelTurns(cancelled[0]));
  await world.publisher.until(() => folded(world).length === 1);
  expect(await listed(world)).toEqual([deleted[1]]);
  acceptedValue(await door.deleteSession(deleted[0]));
  await world.publisher.until(() => folded(world).length === 0);
  expect(await listed(world)).toEqual([]);
});
