/**
 * The live tree, over real actors and simulated readers. Goal: a reader that follows `docs/inspect-protocol.md` has
 * the present tree, whenever it joined and however slowly it reads ([INS3], [INS4]); without inspectors nothing is
 * attached ([INS5]). Method: commands in any order, ticks of the inspectors in between, readers that sometimes have
 * no room; at the end each reader's copy equals a new walk of the tree.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../actors/ports.ts';
import { actorsFrom, sessionPath, viewOf } from '../../../actors/watch/actor-tree.ts';
import { type ActorPath, type ActorView, actorViewSchema } from '../../../schema/actor-view.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { callboardV1DurableFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import {
  type InspectEvents,
  inspectChangesSchema,
  inspectEventsSchema,
  inspectSnapshotSchema,
} from '../../../schema/wire/inspect-frame.ts';
import { shownData } from '../../../schema/wire/shown-event.ts';
import { Inspectors } from '../../../src/inspect/inspectors.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

/** A clock whose timers fire when the test says so. */
function steppedClock(): Clock & { readonly tick: () => void; readonly timers: () => number } {
  let now = Date.parse('2026-11-23T00:00:00Z');
  const timers = new Set<() => void>();
  return {
    now: () => now,
    after: (_delay, run) => {
      timers.add(run);
      return () => timers.delete(run);
    },
    soon: setImmediate,
    timers: () => timers.size,
    tick: () => {
      now += limits.inspectIntervalMs;
      const due = [...timers];
      timers.clear();
      for (const run of due) run();
    },
  };
}

/** Keeps a copy of the tree as the document says. */
class TreeCopy {
  readonly actors = new Map<ActorPath, ActorView>();
  readonly events: InspectEvents[] = [];
  complete = false;
  hasRoom = true;
  gone = false;
  snapshots = 0;
  frames = 0;

  readonly reader = {
    offer: (frame: string) => {
      if (this.hasRoom) this.#take(JSON.parse(frame));
      return this.hasRoom;
    },
    isGone: () => this.gone,
  };

  #take({ event, data }: { event: string; data: unknown }): void {
    this.frames++;
    if (event === 'inspect.events') {
      this.events.push(inspectEventsSchema.parse(data));
      return;
    }
    if (event === 'inspect.snapshot') {
      const { first, last, actors } = inspectSnapshotSchema.parse(data);
      if (first) {
        this.actors.clear();
        this.complete = false;
        this.snapshots++;
      }
      for (const actor of actors) this.actors.set(actor.id, actor);
      this.complete ||= last;
      return;
    }
    const { actors, removed } = inspectChangesSchema.parse(data);
    for (const actor of actors) this.actors.set(actor.id, actor);
    for (const id of removed) this.actors.delete(id);
  }
}

function treeOf(world: ActorWorld): ActorView[] {
  const { actors } = world.system;
  return [...actors.roots()].flatMap((root) =>
    actorsFrom(root).map((actor) => actorViewSchema.parse(viewOf(actor, actors.notes))),
  );
}

function known(copy: TreeCopy): ActorView[] {
  return [...copy.actors.values()];
}

const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : 1);

type Step =
  | { readonly kind: 'create' | 'tick' | 'settle' | 'join' }
  | {
      readonly kind: 'say' | 'delete' | 'cancel' | 'finish' | 'text' | 'tool' | 'rename';
      readonly which: number;
    }
  | { readonly kind: 'slow'; readonly which: number; readonly hasRoom: boolean };

const which = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('create' as const, 'join' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('tick' as const, 'settle' as const) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom('say', 'say', 'delete', 'cancel', 'finish', 'text', 'text', 'tool', 'rename'),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('slow' as const), which, hasRoom: fc.boolean() }) },
);

async function settle(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await new Promise((resolve) => setImmediate(resolve));
}

describe('inspectors of the tree', () => {
  it('[INS3] [INS4] know the tree as it is, whatever happened, whenever they came and however slowly they read', async () => {
    const seen = { actors: 0, late: 0, resnapshots: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
        const world = await actorWorld();
        const clock = steppedClock();
        const inspectors = new Inspectors(world.system.actors, clock, limits.previewUnitsMax);
        const copies: TreeCopy[] = [];
        const sessions: SessionId[] = [];
        const calls: Awaited<ReturnType<typeof world.engine.nextCall>>[] = [];
        const serve = async () => {
          for (;;) calls.push(await world.engine.nextCall());
        };
        void serve();
        const join = () => {
          const copy = new TreeCopy();
          copies.push(copy);
          acceptedValue(inspectors.subscribe(copy.reader));
        };
        const give = async (number: number, part: Parameters<(typeof calls)[number]['give']>[0]) => {
          const call = calls[number % Math.max(1, calls.length)];
          if (call === undefined || call.signal.aborted) return;
          void call.give(part);
          await settle();
        };
        for (const one of steps) {
          const id = sessions['which' in one ? one.which % Math.max(1, sessions.length) : 0];
          switch (one.kind) {
            case 'create':
              sessions.push(await world.createSession());
              break;
            case 'join':
              if (copies.length < 3) join();
              break;
            case 'tick':
              clock.tick();
              break;
            case 'settle':
              await settle();
              break;
            case 'slow': {
              const copy = copies[one.which % Math.max(1, copies.length)];
              if (copy !== undefined) copy.hasRoom = one.hasRoom;
              break;
            }
            case 'finish':
              await give(one.which, { type: 'finish' });
              break;
            case 'text':
              await give(one.which, { type: 'text', text: 'piece ' });
              break;
            case 'tool':
              await give(one.which, {
                type: 'tool-call',
                modelCallId: 'a',
                name: 'echo',
                argumentsJson: '{}',
              });
              break;
            default:
              if (id === undefined) break;
              if (one.kind === 'say') {
                void world.say(id, 'Hello').catch(() => {});
              } else if (one.kind === 'delete') void world.system.door.deleteSession(id);
              else if (one.kind === 'cancel') void world.system.door.cancelTurns(id);
              else void world.system.door.updateSession(id, { title: 'Another' });
          }
        }
        join();
        seen.late++;
        await settle();
        for (const copy of copies) copy.hasRoom = true;
        // Text is sent from time to time; by then every reader has had time for a snapshot.
        for (let ticks = 0; ticks < 25; ticks++) clock.tick();
        const tree = treeOf(world).toSorted(byId);
        seen.actors += tree.length;
        for (const copy of copies) {
          expect(copy.complete).toBe(true);
          expect(known(copy).toSorted(byId)).toEqual(tree);
          seen.resnapshots += copy.snapshots - 1;
        }
        inspectors.stop();
        expect(world.system.actors.observedRoots).toBe(0);
        expect(clock.timers()).toBe(0);
        expect(world.logs.filter(({ message }) => message === 'Watching an actor failed')).toEqual([]);
        await world.system.stop();
      }),
      { numRuns: 60 },
    );
    expect(seen.actors).toBeGreaterThan(100);
    expect(seen.resnapshots).toBeGreaterThan(0);
  }, 60_000);

  it('[INS5] attach nothing to anything while nobody watches', async () => {
    const world = await actorWorld();
    const clock = steppedClock();
    const inspectors = new Inspectors(world.system.actors, clock, limits.previewUnitsMax);
    const id = await world.createSession();
    expect([world.system.actors.observedRoots, clock.timers()]).toEqual([0, 0]);
    const copy = new TreeCopy();
    acceptedValue(inspectors.subscribe(copy.reader));
    expect([world.system.actors.observedRoots, clock.timers()]).toEqual([3, 1]);
    acceptedValue(inspectors.unsubscribe(copy.reader));
    expect([world.system.actors.observedRoots, clock.timers()]).toEqual([0, 0]);
    // One session is watched for its events; nothing is attached to the others.
    acceptedValue(inspectors.focus(copy.reader, sessionPath(id)));
    await world.createSession();
    expect([world.system.actors.observedRoots, clock.timers()]).toEqual([1, 1]);
    // A lost connection is removed at the next tick.
    copy.gone = true;
    clock.tick();
    expect([world.system.actors.observedRoots, clock.timers(), inspectors.size]).toEqual([0, 0, 0]);
    await world.system.stop();
  });

  it('[INS4] tell a state that changed often once per interval, and pieces of text hardly ever', async () => {
    const world = await actorWorld();
    const clock = steppedClock();
    const inspectors = new Inspectors(world.system.actors, clock, limits.previewUnitsMax);
    const id = await world.createSession();
    await world.say(id, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'first' });
    const copy = new TreeCopy();
    acceptedValue(inspectors.subscribe(copy.reader));
    for (let ticks = 0; ticks < 3; ticks++) clock.tick();
    const { frames } = copy;
    for (let pieces = 0; pieces < 100; pieces++) await call.give({ type: 'text', text: 'piece ' });
    for (let ticks = 0; ticks < 10; ticks++) clock.tick();
    expect(copy.frames - frames).toBeLessThanOrEqual(2);
    expect(known(copy).find(({ kind }) => kind === 'answer')?.counts).toMatchObject({ pieces: 101 });
    inspectors.stop();
    await world.system.stop();
  });

  it('[INS4] refuse one inspector more than there may be', async () => {
    const world = await actorWorld();
    const inspectors = new Inspectors(world.system.actors, steppedClock(), limits.previewUnitsMax);
    for (let count = 0; count < limits.inspectorsMax; count++) {
      acceptedValue(inspectors.subscribe(new TreeCopy().reader));
    }
    const outcome = inspectors.subscribe(new TreeCopy().reader);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'too_many_subscriptions' } });
    inspectors.stop();
    await world.system.stop();
  });
});

describe('a focus', () => {
  it('[INS6] tells messages, states and emissions in order, pieces of text as one', async () => {
    const world = await actorWorld();
    const clock = steppedClock();
    const inspectors = new Inspectors(world.system.actors, clock, limits.previewUnitsMax);
    const id = await world.createSession();
    const copy = new TreeCopy();
    acceptedValue(inspectors.focus(copy.reader, sessionPath(id)));
    await world.say(id, 'Hello');
    const call = await world.engine.nextCall();
    for (let pieces = 0; pieces < 50; pieces++) await call.give({ type: 'text', text: 'piece ' });
    await settle();
    clock.tick();
    void call.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
    clock.tick();
    const events = copy.events.flatMap((frame) => frame.events);
    expect(events.map(({ id: number }) => number)).toEqual(events.map((_, index) => String(index)));
    const told = new Set(
      events.filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId),
    );
    for (const { sessionId } of events) expect(told).toContain(sessionId);
    const text = events.filter(
      (event) => event.type === '@xstate.event' && event.event.type === 'answer.text',
    );
    expect(text).toHaveLength(1);
    expect(text[0]).toMatchObject({ callboard: { count: 50 } });
    const emitted = events.flatMap((event) => (event.type === '@callboard.emitted' ? [event] : []));
    expect(emitted.map(({ event }) => event.type)).toEqual([
      'message.created',
      'session.updated',
      'turn.queued',
      'command.accepted',
      'trace.created',
      'turn.started',
      'agent.activity',
      'turn.step.started',
      'message.created',
      'session.updated',
      'message.delta',
      'trace.span.appended',
      'agent.activity',
      'message.updated',
      'trace.span.appended',
      'trace.updated',
      'turn.ended',
    ]);
    const seqs = emitted.flatMap(({ callboard }) => callboard.seq ?? []);
    expect(seqs).toEqual(
      world.storage
        .committed()
        .filter(({ entry }) => entry.type !== 'session.created' && entry.sessionId === id)
        .map(({ seq }) => seq),
    );
    expect(copy.events.at(-1)?.commands.find(({ command }) => command === 'turn.cancel')).toMatchObject({
      allowed: true,
      effective: false,
    });
    inspectors.stop();
    await world.system.stop();
  });

  it.each([limits.previewUnitsLeast, limits.previewUnitsLegalMax])(
    '[INS6] [TXT4] shows the frame that clients get, with previews of at most %d units',
    async (previewUnitsMax) => {
      const world = await actorWorld();
      const clock = steppedClock();
      const inspectors = new Inspectors(world.system.actors, clock, previewUnitsMax);
      const id = await world.createSession();
      const copy = new TreeCopy();
      acceptedValue(inspectors.focus(copy.reader, sessionPath(id)));
      await world.say(id, 'Hello');
      const call = await world.engine.nextCall();
      const argumentsJson = JSON.stringify({ a: 'x'.repeat(1000) });
      await call.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson });
      void call.give({ type: 'finish' });
      await world.engine.nextCall();
      clock.tick();
      const events = copy.events.flatMap((frame) => frame.events);
      const frames = events.flatMap((event) =>
        event.type === '@callboard.emitted' && event.event.type === 'tool.call' ? [event.callboard] : [],
      );
      const sent = world.storage
        .committed()
        .flatMap(({ seq, entry }) =>
          entry.type === 'tool.call'
            ? [callboardV1DurableFrame({ type: entry.type, data: shownData(entry, previewUnitsMax) }, seq)]
            : [],
        );
      expect(sent).not.toEqual([]);
      expect(frames.map(({ frame }) => frame)).toEqual(sent);
      inspectors.stop();
      await world.system.stop();
    },
  );

  it('[INS6] hears a session that was not in memory from the moment it wakes', async () => {
    const world = await actorWorld();
    const clock = steppedClock();
    const inspectors = new Inspectors(world.system.actors, clock, limits.previewUnitsMax);
    const id = await world.createSession();
    world.system.registry.passivateIdle(Number.POSITIVE_INFINITY);
    const copy = new TreeCopy();
    expect(acceptedValue(inspectors.focus(copy.reader, sessionPath(id)))).toEqual({
      actorId: sessionPath(id),
      live: false,
    });
    await world.say(id, 'Hello');
    await world.engine.nextCall();
    clock.tick();
    const heard = copy.events.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === '@xstate.event' ? [event.event.type] : [])),
    );
    expect(heard).toContain('message.add');
    inspectors.stop();
    await world.system.stop();
  });
});
