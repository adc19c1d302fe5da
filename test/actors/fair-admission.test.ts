/** Fair admission: alone, in a loop whose time only moves when work is done, and between the actors of a system. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairAdmission } from '../../actors/fair-admission.ts';
import { limits } from '../../schema/limits.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';

const drained = () => new Promise((resolve) => setImmediate(resolve));

/** An event loop of which the test makes the turns; as in Node, microtasks are drained between two callbacks. */
class TestLoop {
  #now = 0;
  #soon: (() => void)[] = [];
  readonly now = () => this.#now;
  readonly soon = (run: () => void) => void this.#soon.push(run);

  get isIdle(): boolean {
    return this.#soon.length === 0;
  }

  work(ms: number): void {
    this.#now += ms;
  }

  /** `arriving` is what sockets bring before the callbacks of this turn. */
  async turn(arriving: () => void = () => {}): Promise<void> {
    arriving();
    await drained();
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) {
      run();
      await drained();
    }
  }
}

type Done = { readonly id: number; readonly at: number };

/** Those that come ask to enter, and do work of so many ms when they are let in. */
function worked(loop: TestLoop, admission: FairAdmission, done: Done[]) {
  return (id: number, costMs: number): void => {
    const work = () => {
      done.push({ id, at: loop.now() });
      loop.work(costMs);
    };
    const wait = admission.enter();
    if (wait === undefined) work();
    else void wait.then(work);
  };
}

describe('fair admission', () => {
  it('[LIM32] lets everybody in at once while there is time', async () => {
    const loop = new TestLoop();
    const admission = new FairAdmission({ clock: loop });
    for (let turn = 0; turn < 10; turn++) {
      await loop.turn(() => {
        for (let entry = 0; entry < 1000; entry++) expect(admission.enter()).toBeUndefined();
        loop.work(limits.workSliceMs - 1);
        expect(admission.enter()).toBeUndefined();
      });
    }
    await loop.turn();
    expect(loop.isIdle).toBe(true);
  });

  it('[LIM32] spreads what takes too long over turns of the loop, each as long as a slice', async () => {
    const loop = new TestLoop();
    const admission = new FairAdmission({ clock: loop });
    const done: Done[] = [];
    const come = worked(loop, admission, done);
    await loop.turn(() => {
      for (let id = 0; id < 1000; id++) come(id, 1);
    });
    expect(done).toHaveLength(limits.workSliceMs);
    for (let turn = 0; done.length < 1000; turn++) {
      expect(turn).toBeLessThan(1000);
      const before = loop.now();
      await loop.turn();
      expect(loop.now() - before).toBeLessThanOrEqual(limits.workSliceMs);
    }
    expect(done.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    expect(loop.now()).toBe(1000);
  });

  it('[LIM32] lets fewer in while what they cause makes the turns long, and more again afterwards', async () => {
    const loop = new TestLoop();
    const admission = new FairAdmission({ clock: loop });
    const done: Done[] = [];
    const come = worked(loop, admission, done);
    for (let id = 0; id < 5000; id++) come(id, id === 0 ? limits.workSliceMs : 0);
    const letIn = async (elsewhereMs: number) => {
      const before = done.length;
      await loop.turn(() => loop.work(elsewhereMs));
      return done.length - before;
    };
    await letIn(0);
    expect(await letIn(0)).toBe(limits.workSliceEntriesMax);
    const fewer: number[] = [];
    for (let turn = 0; turn < 10; turn++) fewer.push(await letIn(limits.workSliceTurnMs + 1));
    expect(fewer.at(-1)).toBe(1);
    const more: number[] = [];
    for (let turn = 0; turn < 10; turn++) more.push(await letIn(0));
    expect(more.at(-1)).toBeGreaterThan(5);
    // Whoever comes now waits behind all the others, though this turn has time.
    expect(admission.enter()).toBeInstanceOf(Promise);
  });

  it('[LIM32] always lets all in, in the order in which they came, whatever comes when and takes how long', async () => {
    const arrivals = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 40 }), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.array(fc.integer({ min: -50, max: 50 })), async (turns, steps) => {
        const loop = new TestLoop();
        const admission = new FairAdmission({ clock: loop });
        const done: Done[] = [];
        const come = worked(loop, admission, done);
        let came = 0;
        for (const [turn, costs] of turns.entries()) {
          await loop.turn(() => {
            for (const cost of costs) come(came++, cost);
          });
          // A wall clock may step.
          loop.work(steps[turn] ?? 0);
        }
        for (let turn = 0; !loop.isIdle; turn++) {
          // At least one of those that wait is let in with each turn.
          expect(turn).toBeLessThanOrEqual(came + 2);
          await loop.turn();
        }
        expect(done.map(({ id }) => id)).toEqual(Array.from({ length: came }, (_, id) => id));
        expect(admission.waiting).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

/** A clock that stands still until the test says otherwise, with the loop of the test's own process. */
function standingClock() {
  let now = 0;
  return {
    now: () => now,
    after: () => () => {},
    soon: (run: () => void) => void setImmediate(run),
    work: (ms: number) => {
      now += ms;
    },
  };
}

describe('fair admission in a system', () => {
  it('[LIM32] refuses commands when too many wait, and takes the others in their order', async () => {
    const held: (() => void)[] = [];
    let holds = false;
    const clock = standingClock();
    const soon = (run: () => void) => (holds ? void held.push(run) : clock.soon(run));
    const world = await actorWorld({
      clock,
      fairAdmission: new FairAdmission({ clock: { now: clock.now, soon } }),
    });
    const { door } = world.system;
    const sessions: Awaited<ReturnType<typeof world.createSession>>[] = [];
    for (let count = 0; count < 3; count++) sessions.push(await world.createSession());
    const [first, second, third] = sessions;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no session');
    await drained();
    holds = true;
    const answered: string[] = [];
    const rename = async (id: typeof first, title: string) => {
      const outcome = await door.updateSession(id, { title }, undefined);
      if (outcome.ok) answered.push(title);
      return outcome;
    };
    const early = rename(first, 'one');
    clock.work(limits.workSliceMs);
    const late = [rename(second, 'two'), rename(third, 'three'), rename(first, 'four')];
    const many = Array.from({ length: limits.waitingCommandsMax - late.length }, () =>
      door.archiveSession(third, undefined),
    );
    const refused = await door.archiveSession(second, undefined);
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'overloaded', retryable: true } });
    expect(answered).toEqual([]);
    holds = false;
    for (const run of held) clock.soon(run);
    for (const command of [early, ...late]) acceptedValue(await command);
    expect(answered).toEqual(['one', 'two', 'three', 'four']);
    await Promise.all(many);
    const titles = await Promise.all(sessions.map((id) => world.storage.readModel.session(id)));
    expect(titles.map((session) => session?.title)).toEqual(['four', 'two', 'three']);
    await world.system.stop();
  });

  it('[LIM32] lets a turn end a little later, with all that was said', async () => {
    const clock = standingClock();
    const world = await actorWorld({ clock, fairAdmission: new FairAdmission({ clock }) });
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Hi' });
    // Somebody else has used up the slice.
    const busy = world.createSession();
    clock.work(limits.workSliceMs);
    await call.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
    await busy;
    const stored = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(stored.at(-1)).toMatchObject({ role: 'assistant', content: 'Hi' });
    await world.system.stop();
  });

  it('[LIM32] hears nothing of a model call that is stopped while its end waits', async () => {
    const clock = standingClock();
    const world = await actorWorld({ clock, fairAdmission: new FairAdmission({ clock }) });
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Hi' });
    const busy = world.createSession();
    clock.work(limits.workSliceMs);
    const given = call.give({ type: 'finish' });
    // As many microtasks as the end takes to come to the actor, but no turn of the loop.
    for (let count = 0; count < 20; count++) await Promise.resolve();
    world.system.registry.interrupt('the server stops');
    expect(call.signal.aborted).toBe(true);
    await given;
    await busy;
    await world.publisher.turnsEnded(1);
    const [trace] = await world.storage.readModel.traces({ limit: 1 });
    expect(trace).toMatchObject({ status: 'failed', metadata: { error: 'the server stops' } });
    await world.system.stop();
  });
});
