/**
 * Turns that agents push from outside. Goal: whatever an agent, people and crashes do in whatever order, its answer is
 * what it pushed, once. Method: the real actors over memory; crashes are second lives on what the first has committed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';
import {
  agent,
  agentOf,
  answerOf,
  call,
  differing,
  finish,
  type Given,
  partsFrom,
  reasoning,
  reborn,
  result,
  text,
} from './pushing-agent.ts';

describe('a turn that an agent pushes', () => {
  it('[PSH1] begins below the leaf, under its name, while no other turn runs or waits', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    const named = { key: 'k', fingerprint: 'f' };
    const first = acceptedValue(await door.startTurn(session, { agent: 'weather' }, named));
    expect(first).toMatchObject({ agent: 'weather', received: 0, durable: 0, promptId: first.answerId });
    expect(acceptedValue(await door.startTurn(session, { agent: 'weather' }, named))).toEqual(first);
    expect(await door.startTurn(session, { agent: 'other' })).toMatchObject({
      refusal: { code: 'conflict' },
    });
    const one = agentOf(world, session, first);
    acceptedValue(await one.push(partsFrom(1, text('Hello'))));
    acceptedValue(await finish(one));
    const second = acceptedValue(await door.startTurn(session, { agent: 'weather' }));
    const other = agentOf(world, session, second);
    acceptedValue(await other.push(partsFrom(1, text('And more'))));
    acceptedValue(await finish(other));
    expect(answerOf(one)).toMatchObject({ parentId: null, content: 'Hello' });
    expect(answerOf(other)).toMatchObject({ parentId: first.answerId, content: 'And more' });
    expect(world.storage.tables.session(session)?.leafId).toBe(second.answerId);
    await world.system.stop();
  });

  it('[PSH2] [PSH3] takes each part once, in order, and says how far it is', async () => {
    const one = await agent(await actorWorld());
    const parts = partsFrom(1, text('a'), text('b'), text('c'));
    expect(await one.push(parts.slice(0, 2))).toMatchObject({ value: { received: 2, status: 'running' } });
    expect(await one.push(parts)).toMatchObject({ value: { received: 3 } });
    expect(await one.push(partsFrom(4, text('d')).concat(partsFrom(6, text('f'))))).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', turn: { received: 4, status: 'running' } },
    });
    expect(await finish(one, 5)).toMatchObject({ refusal: { code: 'conflict', turn: { received: 4 } } });
    expect(await finish(one, 4)).toMatchObject({ value: { status: 'completed', received: 4, durable: 4 } });
    expect(answerOf(one)?.content).toBe('abcd');
    await one.world.system.stop();
  });

  it('[PSH4] [PSH19] makes the events of an engine, and a later model is told of them', async () => {
    const one = await agent(await actorWorld());
    const said = [
      reasoning('hm'),
      text('I look. '),
      call('c1'),
      call('c2'),
      result('c2'),
      result('c1'),
      text('Done.'),
    ];
    acceptedValue(await one.push(partsFrom(1, ...said)));
    acceptedValue(await finish(one));
    const types = one.world.storage.committed().map(({ entry }) => entry.type);
    expect(types.filter((type) => type === 'tool.call' || type === 'tool.result')).toEqual([
      ...['tool.call', 'tool.call', 'tool.result', 'tool.result'],
    ]);
    expect(types.filter((type) => type === 'turn.step.started')).toHaveLength(2);
    expect(types.at(-1)).toBe('turn.ended');
    await one.world.say(one.session, 'And?');
    const { request } = await one.world.engine.nextCall();
    expect(request.conversation).toMatchObject([
      { role: 'assistant', content: 'I look. ', toolCalls: [{ name: 'look' }, { name: 'look' }] },
      { role: 'tool', content: 'found c1' },
      { role: 'tool', content: 'found c2' },
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'And?' },
    ]);
    expect(await differing(one.world, one.session)).toEqual([]);
    await one.world.system.stop();
  });

  it('[PSH5] [PSH8] [PSH14] gives the same answer, whichever commit a crash came after', async () => {
    const said = fc.oneof(
      fc.constantFrom(text('\ud83c'), text('\udf24'), text(' '), text(''), text('x'.repeat(5000))),
      fc.string({ maxLength: 8 }).map(text),
      fc.string({ minLength: 1, maxLength: 8 }).map(reasoning),
      fc.constant('call' as const),
      fc.constant('result' as const),
    );
    const seen = { lives: 0, texts: 0, calls: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { minLength: 1, maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        async (plan, size) => {
          const open: string[] = [];
          let calls = 0;
          const given = plan.map((step): Given => {
            if (step === 'call') {
              calls++;
              open.push(`c${calls}`);
              return call(`c${calls}`);
            }
            if (step !== 'result') return step;
            const ended = open.shift();
            return ended === undefined ? text('.') : result(ended);
          });
          const parts = partsFrom(1, ...given, text('end'));
          const first = await agent(await actorWorld());
          for (let at = 0; at < parts.length; at += size) {
            acceptedValue(await first.push(parts.slice(at, at + size)));
            // So that what one push stores is committed before the next.
            await first.world.system.outbox.flushed();
          }
          acceptedValue(await finish(first));
          const whole = answerOf(first);
          const entries = first.world.storage.committed();
          const begun = entries.findIndex(
            ({ entry }) => entry.type === 'command.completed' || entry.type === 'turn.started',
          );
          let length = 0;
          for (const batch of first.world.storage.batchSizes()) {
            length += batch;
            if (length <= begun) continue;
            const prefix = memoryStorage();
            for (const { entry } of entries.slice(0, length)) await prefix.journal.append([entry]);
            const second = await reborn(prefix, first);
            const { turns } = second.world.system.door;
            const state = acceptedValue(await turns.state(first.turn.turnId, 0));
            seen.lives++;
            if (state.status === 'running') {
              expect(state.received).toBe(state.durable);
              const left = parts.filter(({ seq }) => seq > (state.received ?? 0));
              for (const part of left) acceptedValue(await second.push([part]));
              acceptedValue(await finish(second, parts.length));
            }
            const again = answerOf(second);
            expect(again?.content).toBe(whole?.content);
            expect(again?.status).toBe(whole?.status);
            const ends = second.world.storage.committed().filter(({ entry }) => entry.type === 'tool.result');
            expect(ends).toHaveLength(calls);
            expect(await differing(second.world, second.session)).toEqual([]);
            seen.calls += calls;
            seen.texts += whole?.content.length ?? 0;
            await second.world.system.stop();
          }
          await first.world.system.stop();
        },
      ),
      { numRuns: 25 },
    );
    expect(seen.lives).toBeGreaterThan(30);
    expect(seen.calls).toBeGreaterThan(10);
  });

  it('[PSH6] knows its lease, and tells others nothing', async () => {
    const one = await agent(await actorWorld());
    const { turns } = one.world.system.door;
    expect(await turns.push(one.turn.turnId, 'another', [])).toMatchObject({
      refusal: { code: 'forbidden' },
    });
    const nobody = countingIds(0xdead).next<typeof one.turn.turnId>();
    expect(await turns.push(nobody, one.turn.lease, [])).toMatchObject({ refusal: { code: 'not_found' } });
    acceptedValue(await one.push(partsFrom(1, text('a'))));
    acceptedValue(await finish(one));
    expect(await one.push([])).toMatchObject({
      refusal: { code: 'conflict', turn: { status: 'completed', received: 1 } },
    });
    expect(JSON.stringify(one.world.storage.committed())).not.toContain(one.turn.lease);
    await one.world.system.stop();
  });

  it('[PSH7] ends as interrupted when its agent is silent for too long, and keeps the text', async () => {
    const one = await agent(await actorWorld(), { leaseMs: 20 });
    acceptedValue(await one.push(partsFrom(1, text('So far'))));
    const { turns } = one.world.system.door;
    const ended = async () => {
      for (;;) {
        const state = acceptedValue(await turns.state(one.turn.turnId, 1000));
        if (state.status !== 'running') return state;
      }
    };
    expect(await ended()).toMatchObject({ status: 'interrupted', received: 1 });
    expect(answerOf(one)).toMatchObject({ content: 'So far', status: 'interrupted' });
    expect(await one.push(partsFrom(2, text('!')))).toMatchObject({
      refusal: { turn: { status: 'interrupted' } },
    });
    await one.world.system.stop();
  });

  it('[PSH8] outlives an orderly stop with everything that was received', async () => {
    const first = await agent(await actorWorld());
    acceptedValue(await first.push(partsFrom(1, text('One '), call('c1'), text('two '))));
    await first.world.system.drain(0);
    expect(await first.push(partsFrom(4, text('no')))).toMatchObject({ refusal: { code: 'shutting_down' } });
    await first.world.system.stop();
    const second = await reborn(first.world.storage, first);
    const state = acceptedValue(await second.world.system.door.turns.state(first.turn.turnId, 0));
    expect(state).toMatchObject({ status: 'running', received: 3, durable: 3 });
    acceptedValue(await second.push(partsFrom(4, result('c1'), text('three'))));
    acceptedValue(await finish(second, 5));
    expect(answerOf(second)?.content).toBe('One two three');
    expect(await differing(second.world, second.session)).toEqual([]);
    await second.world.system.stop();
  });

  it('[PSH8] [STOP1] goes on while a server that stops lets other answers end, and is refused then', async () => {
    const world = await actorWorld();
    const [one, other] = [await agent(world), await agent(world)];
    await world.say(await world.createSession(), 'Tell me');
    const answering = await world.engine.nextCall();
    const drained = world.system.drain(60_000);
    acceptedValue(await one.push(partsFrom(1, text('One'))));
    acceptedValue(await other.push(partsFrom(1, text('Other'))));
    acceptedValue(await finish(one, 1));
    await answering.give({ type: 'text', text: 'So be it' });
    await answering.give({ type: 'finish', reason: 'stop' });
    await drained;
    expect(await other.push(partsFrom(2, text('!')))).toMatchObject({ refusal: { code: 'shutting_down' } });
    await world.system.stop();
    const next = await reborn(world.storage, other);
    acceptedValue(await next.push(partsFrom(2, text('!'))));
    acceptedValue(await finish(next, 2));
    expect([answerOf(one)?.content, answerOf(next)?.content]).toEqual(['One', 'Other!']);
    await next.world.system.stop();
  });

  it('[PSH9] [PSH10] ends once, as its agent says', async () => {
    const world = await actorWorld();
    const done = await agent(world);
    acceptedValue(await done.push(partsFrom(1, text('a'), call('c1'))));
    const ended = acceptedValue(await finish(done, 2));
    expect(await finish(done, 2)).toMatchObject({ value: { status: ended.status, received: 2, durable: 2 } });
    expect([...world.storage.tables.toolCalls(done.turn.turnId)]).toMatchObject([{ status: 'failed' }]);
    const failed = await agent(world);
    acceptedValue(await failed.push(partsFrom(1, text('b'))));
    const fail = () =>
      world.system.door.turns.fail(failed.turn.turnId, { lease: failed.turn.lease, error: 'no fuel' });
    expect(await fail()).toMatchObject({ value: { status: 'failed' } });
    expect(await fail()).toMatchObject({ value: { status: 'failed' } });
    expect(await finish(failed)).toMatchObject({ refusal: { code: 'conflict' } });
    const silent = await agent(world);
    expect(await finish(silent)).toMatchObject({ refusal: { turn: { status: 'failed' } } });
    await world.system.stop();
  });

  it('[PSH11] asks people, and tells what they decide', async () => {
    const one = await agent(await actorWorld());
    const { door } = one.world.system;
    acceptedValue(
      await one.push(partsFrom(1, call('yes', { needsApproval: true }), call('no', { needsApproval: true }))),
    );
    expect(await one.push(partsFrom(3, result('yes')))).toMatchObject({ refusal: { code: 'bad_request' } });
    expect(await one.push(partsFrom(3, call('yes')))).toMatchObject({ refusal: { code: 'bad_request' } });
    expect(await one.push(partsFrom(3, result('who')))).toMatchObject({ refusal: { code: 'bad_request' } });
    await one.world.system.outbox.flushed();
    const [yes, no] = one.world.storage.tables.toolCalls(one.turn.turnId);
    if (yes === undefined || no === undefined) throw new Error('there are two calls');
    const told = door.turns.state(one.turn.turnId, 5000);
    acceptedValue(await door.approveToolCall(one.session, yes.id));
    expect(acceptedValue(await told).decisions).toMatchObject([
      { callId: 'yes', decision: 'approved' },
      { decision: 'pending' },
    ]);
    acceptedValue(await door.denyToolCall(one.session, no.id, 'not today'));
    expect(await one.push(partsFrom(3, result('no'), result('yes'), text('ok')))).toMatchObject({
      value: {
        decisions: [{ decision: 'approved' }, { callId: 'no', decision: 'denied', reason: 'not today' }],
      },
    });
    acceptedValue(await finish(one));
    const stored = one.world.storage.tables.toolCalls(one.turn.turnId);
    expect(stored.map(({ status, result: said }) => [status, said])).toEqual([
      ['completed', 'found yes'],
      ['failed', 'Denied by a person: not today'],
    ]);
    await one.world.system.stop();
  });

  it('[PSH12] waits while the journal is behind, and says so when that takes too long', async () => {
    const one = await agent(await actorWorld());
    acceptedValue(await one.push(partsFrom(1, text('a'))));
    one.world.storage.failNextAppends(undefined, 3);
    acceptedValue(await one.push(partsFrom(2, call('c1'))));
    await one.world.storage.appendStarted();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const all = Array.from({ length: limits.pushesWaitingMax + 1 }, (_, nth) =>
      one.push(partsFrom(3 + nth, text('b'))),
    );
    const outcomes = await Promise.all(all);
    const refusedOnes = outcomes.filter(({ ok }) => !ok);
    for (const outcome of refusedOnes) expect(outcome).toMatchObject({ refusal: { retryable: true } });
    expect(outcomes[0]?.ok === false || outcomes[0]?.ok === true).toBe(true);
    await one.world.system.stop();
  });

  it('[PSH13] is over when somebody cancels it or deletes its session, and its agent is told', async () => {
    const world = await actorWorld();
    const one = await agent(world);
    acceptedValue(await one.push(partsFrom(1, text('a'))));
    acceptedValue(await world.system.door.cancelTurns(one.session));
    expect(await one.push(partsFrom(2, text('b')))).toMatchObject({
      refusal: { turn: { status: 'cancelled' } },
    });
    expect(answerOf(one)).toMatchObject({ content: 'a', status: 'cancelled' });
    const other = await agent(world);
    const { turnId, lease } = other.turn;
    const stream = acceptedValue(await world.system.door.turns.openStream(turnId, lease));
    const told = new Promise((resolve) => stream.onClosed(() => resolve(null)));
    acceptedValue(await world.system.door.deleteSession(other.session));
    await told;
    expect(stream.closedBecause()).toMatchObject({ code: 'conflict', turn: { status: 'cancelled' } });
    expect(await other.push([])).toMatchObject({ refusal: { code: 'not_found' } });
    const pruned = await agent(world);
    acceptedValue(await pruned.push(partsFrom(1, text('a'))));
    acceptedValue(await world.system.door.deleteMessage(pruned.session, pruned.turn.answerId));
    expect(await pruned.push([])).toMatchObject({ refusal: { code: 'not_found' } });
    await world.system.stop();
  });

  it('[PSH3] [PSH13] has received as much after its cancellation as before, and its text is stored', async () => {
    const said = fc.oneof(
      fc.constantFrom(text('\ud83c'), text('\udf24'), text(' '), reasoning('hm'), call('c1')),
      fc.string({ minLength: 1, maxLength: 8 }).map((given) => text(given.replaceAll('|', '/'))),
    );
    const seen = { behind: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 6 }), fc.boolean(), async (plan, waits) => {
        const given = [
          text('a'),
          ...plan.filter((part, at) => part.type !== 'tool-call' || plan.indexOf(part) === at),
        ];
        const one = await agent(await actorWorld());
        const { turns, cancelTurns } = one.world.system.door;
        for (const [at, part] of given.entries()) {
          const { received, durable } = acceptedValue(await one.push(partsFrom(at + 1, part)));
          if (waits) await one.world.system.outbox.flushed();
          if (at === given.length - 1 && durable < received) seen.behind++;
        }
        const far = { status: 'cancelled', received: given.length, durable: given.length };
        acceptedValue(await cancelTurns(one.session));
        expect(acceptedValue(await turns.state(one.turn.turnId, 0))).toMatchObject(far);
        expect(await one.push([])).toMatchObject({ refusal: { turn: far } });
        const pushed = given.map((part) => (part.type === 'text' ? part['text'] : '|')).join('');
        const whole = pushed
          .split(/\|+/)
          .map((run) => run.toWellFormed())
          .join('');
        expect(answerOf(one)).toMatchObject({ status: 'cancelled', content: whole });
        expect(await differing(one.world, one.session)).toEqual([]);
        await one.world.system.stop();
      }),
      { numRuns: 40 },
    );
    expect(seen.behind).toBeGreaterThan(10);
  });

  it('[PSH15] is bounded: an answer that is too long fails, and keeps what there was room for', async () => {
    const one = await agent(await actorWorld());
    const most = 'x'.repeat(limits.answerUnitsMax);
    expect(await one.push(partsFrom(1, text(most), text('y')))).toMatchObject({
      refusal: { turn: { status: 'failed' } },
    });
    await one.world.system.outbox.flushed();
    expect(answerOf(one)?.content.length).toBe(limits.answerUnitsMax);
    await one.world.system.stop();
  });

  it('[PSH17] is listed while it runs, and its agent is the root of the execution tree', async () => {
    const one = await agent(await actorWorld());
    const { turns } = one.world.system.door;
    const tree = await one.world.system.executionTrees.tree(one.session);
    expect(tree?.agentHierarchy).toMatchObject([{ name: 'weather', metadata: { state: 'receiving' } }]);
    const listed = (await turns.list('running', { limit: 5 })).map((row) => turns.shown(row));
    expect(listed).toMatchObject([
      { turnId: one.turn.turnId, status: 'running', agent: 'weather', received: 0 },
    ]);
    await one.world.system.stop();
  });
});
