/**
 * Approval through the real actors over fake ports. Goal: a call that waits for a person, and its turn, survive
 * everything that happens to the process, and continue as if nothing had happened. Method: one process waits, another
 * decides.
 */
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../actors/tool-ports.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import type { SessionId, ToolCallId } from '../../schema/ids.ts';
import { accepted } from '../../schema/refusal.ts';
import {
  type ActorWorld,
  acceptedValue,
  actorWorld,
  countingIds,
  echoTool,
  endlessTool,
  tickingClock,
} from '../fakes/actor-world.ts';
import type { MemoryStorage } from '../fakes/memory-storage.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';

const runs: string[] = [];
const guardedTool: Tool = {
  ...echoTool,
  name: 'guarded',
  requiresApproval: true,
  repeatable: false,
  inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  run: async (input) => {
    runs.push(JSON.stringify(input));
    return accepted(`ran ${JSON.stringify(input)}`);
  },
};
const tools = [guardedTool, echoTool, endlessTool];

function callEvents(world: ActorWorld): DomainEventOf<'tool.call'>[] {
  return world.publisher.seen.flatMap(({ event }) => (event.type === 'tool.call' ? [event] : []));
}

/** Resolves with the calls once `count` of them wait. */
async function waiting(world: ActorWorld, count = 1): Promise<ToolCallId[]> {
  const found = () => callEvents(world).filter(({ data }) => data.status === 'awaitingApproval');
  await world.publisher.until(() => found().length >= count);
  return found().map(({ data }) => data.id);
}

type Asked = { readonly name: string; readonly argumentsJson: string };

/** A world whose first model call has produced text and requested these tools. */
async function asking(calls: readonly Asked[], options: Partial<Parameters<typeof actorWorld>[0]> = {}) {
  const world = await actorWorld({ tools, ...options });
  const session = await world.createSession();
  await world.say(session, 'Please');
  const first = await world.engine.nextCall();
  await first.give({ type: 'text', text: 'Let me see. ' });
  for (const [index, call] of calls.entries()) {
    await first.give({ type: 'tool-call', modelCallId: `call_${index}`, ...call });
  }
  await first.give({
    type: 'finish',
    reason: 'tool-calls',
    origin: 'scripted/one',
    continuation: { signed: 'x' },
  });
  return { world, session };
}

const guarded = (n: number): Asked => ({ name: 'guarded', argumentsJson: JSON.stringify({ n }) });

function nextLife(storage: MemoryStorage): Promise<ActorWorld> {
  return actorWorld({ storage, tools, ids: countingIds(0x100000) });
}

async function answers(call: ScriptedCall, text = 'Done.'): Promise<void> {
  await call.give({ type: 'text', text });
  await call.give({ type: 'finish', reason: 'stop' });
}

async function lastMessage(world: ActorWorld, session: SessionId) {
  const messages = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
  return messages.at(-1)?.content;
}

function outcomes(world: ActorWorld): string[] {
  return world.storage
    .committed()
    .flatMap(({ entry }) => (entry.type === 'turn.ended' ? [entry.data.outcome] : []));
}

describe('a tool call that needs a person', () => {
  it('[APR1] waits, runs once it is approved, and the model gets its result', async () => {
    runs.length = 0;
    const { world, session } = await asking([guarded(1), { name: 'echo', argumentsJson: '{"m":2}' }]);
    const [id] = await waiting(world);
    if (id === undefined) throw new Error('a call waits');
    expect(runs).toEqual([]);
    const { door } = world.system;
    expect(acceptedValue(await door.approveToolCall(session, id, 'fine'))).toEqual({
      sessionId: session,
      callId: id,
      decision: 'approved',
      reason: 'fine',
    });
    const second = await world.engine.nextCall();
    expect(runs).toEqual(['{"n":1}']);
    expect(second.request.conversation).toEqual([
      { role: 'user', content: 'Please' },
      {
        role: 'assistant',
        content: 'Let me see. ',
        toolCalls: [
          { callId: id, name: 'guarded', argumentsJson: '{"n":1}' },
          { callId: expect.any(String), name: 'echo', argumentsJson: '{"m":2}' },
        ],
        continuation: { origin: 'scripted/one', step: { signed: 'x' } },
      },
      { role: 'tool', callId: id, name: 'guarded', content: 'ran {"n":1}', failed: false },
      { role: 'tool', callId: expect.any(String), name: 'echo', content: '{"m":2}', failed: false },
    ]);
    await answers(second);
    await world.publisher.turnsEnded(1);
    const told = callEvents(world).filter(({ data }) => data.id === id);
    expect(told.map(({ data }) => [data.status, data.approval?.decision])).toEqual([
      ['awaitingApproval', undefined],
      ['running', 'approved'],
    ]);
  });

  it('[APR2] tells the model that a person denied it, and why', async () => {
    const { world, session } = await asking([guarded(1)]);
    const [id] = await waiting(world);
    if (id === undefined) throw new Error('a call waits');
    acceptedValue(await world.system.door.denyToolCall(session, id, 'not on a Sunday'));
    const second = await world.engine.nextCall();
    expect(second.request.toolResults).toMatchObject([
      { failed: true, result: 'Denied by a person: not on a Sunday' },
    ]);
    await answers(second);
    await world.publisher.turnsEnded(1);
    expect(outcomes(world)).toEqual(['completed']);
  });

  it('[TOOL7] is not asked about when its arguments are not valid: the model is told at once', async () => {
    runs.length = 0;
    const { world } = await asking([{ name: 'guarded', argumentsJson: '{"n":"one"}' }]);
    const second = await world.engine.nextCall();
    expect(second.request.toolResults).toMatchObject([
      { failed: true, result: expect.stringContaining('/n must be integer') },
    ]);
    expect(callEvents(world).map(({ data }) => data.status)).toEqual(['running']);
    expect(runs).toEqual([]);
  });

  it('[APR1] does not run unseen when it came to need a person after the model had asked for it', async () => {
    runs.length = 0;
    let requiresApproval = false;
    const changing: Tool = {
      ...guardedTool,
      // Read once when the model requests the call, and once before the call runs.
      get requiresApproval() {
        const now = requiresApproval;
        requiresApproval = true;
        return now;
      },
    };
    const { world } = await asking([guarded(1)], { tools: [changing] });
    const second = await world.engine.nextCall();
    expect(second.request.toolResults).toMatchObject([
      { failed: true, result: expect.stringContaining('approval') },
    ]);
    expect(runs).toEqual([]);
  });

  it('[APR3] is decided once, whoever decides how often, then and later', async () => {
    const { world, session } = await asking([guarded(1)]);
    const [id] = await waiting(world);
    if (id === undefined) throw new Error('a call waits');
    const { door } = world.system;
    const named = { key: 'approve-1', fingerprint: 'a' };
    const together = await Promise.all([
      door.approveToolCall(session, id, 'first'),
      door.approveToolCall(session, id, 'second', named),
      door.denyToolCall(session, id),
    ]);
    const taken = { sessionId: session, callId: id, decision: 'approved', reason: 'first' };
    expect(together).toMatchObject([
      { ok: true, value: taken },
      { ok: true, value: taken },
      { ok: false, refusal: { code: 'conflict' } },
    ]);
    await answers(await world.engine.nextCall());
    await world.publisher.turnsEnded(1);
    for (const repeated of [
      await door.approveToolCall(session, id),
      await door.approveToolCall(session, id, 'x', named),
    ])
      expect(repeated).toEqual({ ok: true, value: taken });
    await world.system.stop();
    const second = await nextLife(world.storage);
    expect(await second.system.door.approveToolCall(session, id)).toEqual({ ok: true, value: taken });
    expect(await second.system.door.denyToolCall(session, id)).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });

  it('[APR3] is unknown to other sessions, and refuses what it does not wait for', async () => {
    const { world, session } = await asking([guarded(1), { name: 'echo', argumentsJson: '{}' }]);
    const [id] = await waiting(world);
    const other = await world.createSession();
    const free = callEvents(world).find(({ data }) => data.name === 'echo')?.data.id;
    if (id === undefined || free === undefined) throw new Error('there are two calls');
    const { door } = world.system;
    expect(await door.approveToolCall(other, id)).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await door.approveToolCall(session, free)).toMatchObject({ refusal: { code: 'conflict' } });
    const nowhere = countingIds(0xfff000);
    expect(await door.approveToolCall(session, nowhere.next())).toMatchObject({
      refusal: { code: 'not_found' },
    });
    expect(await door.denyToolCall(nowhere.next(), id)).toMatchObject({ refusal: { code: 'not_found' } });
  });

  it.each(['stop', 'death'] as const)('[APR5] survives the %s of the process, with its turn', async (end) => {
    runs.length = 0;
    const { world, session } = await asking([guarded(1), { name: 'echo', argumentsJson: '{"m":2}' }]);
    await waiting(world);
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.result'));
    if (end === 'stop') {
      await world.system.drain(60_000);
      await world.system.stop();
    } else {
      await world.system.outbox.flushed();
    }
    expect(outcomes(world)).toEqual([]);

    const second = await nextLife(world.storage);
    await second.system.recover();
    expect(outcomes(second)).toEqual([]);
    const [call] = await second.storage.readModel.sessionToolCalls(session, { limit: 10 });
    expect(call).toMatchObject({ status: 'awaitingApproval' });
    // A client that joins now gets the answer so far, and the agent's activity.
    expect(second.publisher.names()).toEqual(['message.delta', 'agent.activity tool']);
    if (call === undefined) throw new Error('the call is stored');
    acceptedValue(await second.system.door.approveToolCall(session, call.id));
    const next = await second.engine.nextCall();
    expect(next.request.step).toBe(2);
    expect(next.request.conversation).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: 'Let me see. ',
        continuation: { origin: 'scripted/one', step: { signed: 'x' } },
      },
      { role: 'tool', content: 'ran {"n":1}' },
      { role: 'tool', content: '{"m":2}' },
    ]);
    await answers(next, 'All done.');
    await second.publisher.turnsEnded(1);
    expect(outcomes(second)).toEqual(['completed']);
    expect(await lastMessage(second, session)).toBe('Let me see. All done.');
    const offsets = second.publisher.seen.flatMap(({ event }) =>
      event.type === 'message.delta' ? [[event.offset, event.text]] : [],
    );
    expect(offsets).toEqual([
      [12, ''],
      [12, 'All done.'],
    ]);
    expect(runs).toEqual(['{"n":1}']);
    const created = second.storage.committed().filter(({ entry }) => entry.type === 'trace.created');
    expect(created).toHaveLength(1);
  });

  it('[APR5] [REC3] goes on waiting when a sibling was running, which has failed', async () => {
    const { world, session } = await asking([guarded(1), { name: 'endless', argumentsJson: '{}' }]);
    const [id] = await waiting(world);
    await world.publisher.until((seen) =>
      seen.some(({ event }) => event.type === 'tool.call' && event.data.name === 'endless'),
    );
    await world.system.outbox.flushed();
    const second = await nextLife(world.storage);
    await second.system.recover();
    if (id === undefined) throw new Error('a call waits');
    acceptedValue(await second.system.door.denyToolCall(session, id));
    const next = await second.engine.nextCall();
    expect(next.request.toolResults).toMatchObject([
      { name: 'guarded', failed: true },
      { name: 'endless', failed: true, result: expect.stringContaining('Interrupted') },
    ]);
  });

  it('[APR5] keeps the reasoning that was open', async () => {
    const world = await actorWorld({ tools });
    const session = await world.createSession();
    await world.say(session, 'Think');
    const first = await world.engine.nextCall();
    await first.give({ type: 'reasoning', text: 'Hm, ' });
    await first.give({ type: 'tool-call', modelCallId: 'a', ...guarded(1) });
    await first.give({ type: 'finish' });
    const [id] = await waiting(world);
    await world.system.stop();
    const second = await nextLife(world.storage);
    await second.system.recover();
    if (id === undefined) throw new Error('a call waits');
    acceptedValue(await second.system.door.approveToolCall(session, id));
    const next = await second.engine.nextCall();
    await next.give({ type: 'reasoning', text: 'yes.' });
    await answers(next, 'Yes');
    await second.publisher.turnsEnded(1);
    const completed = second.publisher.seen.flatMap(({ event }) =>
      event.type === 'message.reasoning.completed' ? [event.data.text] : [],
    );
    expect(completed).toEqual(['Hm, yes.']);
  });

  it.each(['cancel', 'delete'] as const)(
    '[APR6] ends with the %s of its turn, after a restart, too',
    async (how) => {
      for (const restart of [false, true]) {
        const { world, session } = await asking([guarded(1)]);
        const [id] = await waiting(world);
        let life = world;
        if (restart) {
          await world.system.stop();
          life = await nextLife(world.storage);
          await life.system.recover();
        }
        const { door } = life.system;
        if (how === 'cancel') acceptedValue(await door.cancelTurns(session));
        else acceptedValue(await door.deleteSession(session));
        expect(outcomes(life)).toEqual(['cancelled']);
        const results = life.storage
          .committed()
          .flatMap(({ entry }) => (entry.type === 'tool.result' ? [entry] : []));
        expect(results).toMatchObject([{ data: { id, status: 'failed' }, record: { result: 'Cancelled' } }]);
        if (id === undefined) throw new Error('a call waits');
        expect(await door.approveToolCall(session, id)).toMatchObject({
          refusal: { code: how === 'cancel' ? 'conflict' : 'not_found' },
        });
      }
    },
  );

  it('[APR7] may leave memory while it waits, and comes back when it is decided', async () => {
    const { world, session } = await asking([guarded(1)]);
    const [id] = await waiting(world);
    await world.system.outbox.flushed();
    world.system.registry.passivateIdle(Number.MAX_SAFE_INTEGER);
    expect(world.system.registry.size).toBe(0);
    if (id === undefined) throw new Error('a call waits');
    acceptedValue(await world.system.door.approveToolCall(session, id));
    await answers(await world.engine.nextCall());
    await world.publisher.turnsEnded(1);
    expect(await lastMessage(world, session)).toBe('Let me see. Done.');
  });

  it('[APR7] does not hold up a stop, and is not decided during one', async () => {
    const { world, session } = await asking([guarded(1)]);
    const [id] = await waiting(world);
    await world.system.drain(60_000);
    if (id === undefined) throw new Error('a call waits');
    expect(await world.system.door.approveToolCall(session, id)).toMatchObject({
      refusal: { code: 'shutting_down', retryable: true },
    });
    expect(outcomes(world)).toEqual([]);
  });

  it('[APR4] fails when its time is over, which a restart does not give back', async () => {
    const hurried: Tool = { ...guardedTool, approvalTimeoutMs: 1 };
    const { world } = await asking([guarded(1)], { tools: [hurried] });
    const next = await world.engine.nextCall();
    expect(next.request.toolResults).toMatchObject([
      { failed: true, result: 'Nobody approved the call in time' },
    ]);

    const patient = await asking([guarded(1)], { tools: [{ ...guardedTool, approvalTimeoutMs: 60_000 }] });
    await waiting(patient.world);
    await patient.world.system.outbox.flushed();
    // Passivated, its deadline would be forgotten.
    patient.world.system.registry.passivateIdle(Number.MAX_SAFE_INTEGER);
    expect(patient.world.system.registry.size).toBe(1);
    await patient.world.system.stop();
    const second = await actorWorld({
      storage: patient.world.storage,
      tools,
      ids: countingIds(0x100000),
      // One day later.
      clock: tickingClock(Date.UTC(2026, 10, 24)),
    });
    await second.system.recover();
    const after = await second.engine.nextCall();
    expect(after.request.toolResults).toMatchObject([{ result: 'Nobody approved the call in time' }]);
  });
});
