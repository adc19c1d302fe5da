/** Which commands an operator may give ([INS10]). Method: compares the description of each command with its effect. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionPath } from '../../../actors/watch/actor-tree.ts';
import { operatorCommands, sessionSnapshotOf } from '../../../actors/watch/operator-commands.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { OperatorCommand } from '../../../schema/operator-command.ts';
import { type ActorWorld, actorWorld, echoTool } from '../../fakes/actor-world.ts';

function commandsOf(world: ActorWorld, id: SessionId): OperatorCommand[] {
  const snapshot = sessionSnapshotOf(world.system.actors.find(sessionPath(id)));
  return snapshot === undefined ? [] : operatorCommands(id, snapshot);
}

function said(world: ActorWorld, id: SessionId, name: string): OperatorCommand {
  const found = commandsOf(world, id).find(({ command }) => command === name);
  if (found === undefined) throw new Error(`nothing is said of ${name}`);
  return found;
}

const preparation = fc.array(fc.constantFrom('ask', 'archive', 'cancel', 'close', 'reopen'), {
  maxLength: 4,
});

describe('operator commands', () => {
  it('[INS10] are as the machine takes them, in whatever state the session is', async () => {
    const seen = { effective: 0, idle: 0 };
    await fc.assert(
      fc.asyncProperty(
        preparation,
        fc.constantFrom('turn.cancel', 'session.archive', 'session.close', 'session.delete'),
        async (steps, name) => {
          const world = await actorWorld();
          const { door } = world.system;
          const id = await world.createSession();
          for (const step of steps) {
            const { closedAt } = (await world.storage.readModel.session(id)) ?? {};
            if (step === 'ask' && closedAt === undefined) await world.say(id, 'Hello');
            else if (step === 'close') await door.closeSession(id);
            else if (step === 'reopen') await door.reopenSession(id);
            else if (step === 'archive') await door.archiveSession(id);
            else await door.cancelTurns(id);
          }
          const session = await world.storage.readModel.session(id);
          const before = world.storage.committed().length;
          const { allowed, effective, reason } = said(world, id, name);
          const names = commandsOf(world, id).map(({ command }) => command);
          expect(names.includes('session.unarchive')).toBe(session?.status === 'archived');
          expect(names.includes('session.reopen')).toBe(session?.closedAt !== undefined);
          // Reading the commands changes nothing.
          expect(commandsOf(world, id)).toEqual(commandsOf(world, id));
          expect(world.storage.committed()).toHaveLength(before);
          const outcome =
            name === 'turn.cancel'
              ? await door.cancelTurns(id)
              : name === 'session.archive'
                ? await door.archiveSession(id)
                : name === 'session.close'
                  ? await door.closeSession(id)
                  : await door.deleteSession(id);
          expect(outcome.ok).toBe(allowed);
          const later = await world.storage.readModel.session(id);
          const cancelled = outcome.ok && name === 'turn.cancel' ? outcome.value : { cancelled: [] };
          const changed =
            later?.status !== session?.status ||
            later?.closedAt !== session?.closedAt ||
            (cancelled !== null && 'cancelled' in cancelled && cancelled.cancelled.length > 0);
          expect(effective).toBe(changed);
          expect(reason === null).toBe(effective);
          seen[effective ? 'effective' : 'idle']++;
          await world.system.stop();
        },
      ),
      { numRuns: 80 },
    );
    expect(seen.effective).toBeGreaterThan(5);
    expect(seen.idle).toBeGreaterThan(5);
  });

  it('[INS10] decide about each call that waits for a person, and about no other', async () => {
    const world = await actorWorld({
      tools: [{ ...echoTool, name: 'guarded', requiresApproval: true }, echoTool],
    });
    const id = await world.createSession();
    await world.say(id, 'Please');
    const first = await world.engine.nextCall();
    for (const [index, name] of ['guarded', 'echo', 'guarded'].entries()) {
      await first.give({ type: 'tool-call', modelCallId: `call_${index}`, name, argumentsJson: '{}' });
    }
    await first.give({ type: 'finish' });
    const calls = () =>
      world.publisher.seen.flatMap(({ event }) =>
        event.type === 'tool.call' && event.data.status === 'awaitingApproval' ? [event.data.id] : [],
      );
    await world.publisher.until(() => calls().length === 2);
    const decisions = () => commandsOf(world, id).filter(({ command }) => command.startsWith('tool.'));
    const [one, other] = calls();
    if (one === undefined || other === undefined) throw new Error('nothing waits');
    const offers = (callId: string) =>
      ['approve', 'deny'].map((word) => ({
        command: `tool.${word}`,
        allowed: true,
        effective: true,
        reason: null,
        request: { method: 'POST', path: `/chat-sessions/${id}/tool-calls/${callId}/${word}`, body: {} },
      }));
    expect(decisions()).toMatchObject([...offers(one), ...offers(other)]);
    await world.system.door.denyToolCall(id, one, undefined);
    expect(decisions()).toMatchObject(offers(other));
    await world.system.stop();
  });

  it('[INS10] are refused with the reason of the machine while a session is being deleted', async () => {
    const world = await actorWorld();
    const id = await world.createSession();
    await world.say(id, 'Hello');
    const hold = world.storage.hold();
    const deleted = world.system.door.deleteSession(id);
    const snapshot = sessionSnapshotOf(world.system.actors.find(sessionPath(id)));
    if (snapshot !== undefined) {
      for (const { allowed, reason } of operatorCommands(id, snapshot)) {
        expect(allowed).toBe(false);
        expect(reason).not.toBeNull();
      }
    }
    hold.release();
    await deleted;
    expect(commandsOf(world, id)).toEqual([]);
    await world.system.stop();
  });
});
