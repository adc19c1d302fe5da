/**
 * Turn machine. Goal: whatever the model, its tools and people do in whatever order, a turn reaches one outcome and
 * closes everything it opened. Method: planned event sequences through the pure `transition()`; the events to its
 * children are among the returned actions.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { turnMachine } from '../../machines/turn.ts';
import { isOpen, type TurnEvent } from '../../machines/turn-context.ts';
import { emittedSchema, eventCatalogue } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { noon } from '../arbitraries/instants.ts';
import { type TurnPlan, turnEvents, turnInput, turnPlans } from '../arbitraries/turn-events.ts';
import {
  type Effect,
  effectsOf,
  emissionsOf,
  everyStateOf,
  sendsOf,
  VisitedStates,
} from '../machine-steps.ts';

type TurnSnapshot = SnapshotFrom<typeof turnMachine>;
type Step = { readonly before: TurnSnapshot; readonly event: TurnEvent; readonly effects: readonly Effect[] };
type Run = {
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
  readonly last: TurnSnapshot;
};

function run(plans: readonly TurnPlan[], visited?: VisitedStates): Run {
  const input = turnInput(1);
  visited?.start(turnMachine, input);
  const [initial, actions] = initialTransition(turnMachine, input);
  const effects = effectsOf(actions);
  const steps: Step[] = [];
  let last = initial;
  for (const [index, planned] of plans.entries()) {
    for (const event of turnEvents(planned, index, last)) {
      // A finished actor receives nothing more.
      if (last.status !== 'active') break;
      visited?.step(turnMachine, last, event);
      const [after, caused] = transition(turnMachine, last, event);
      steps.push({ before: last, event, effects: effectsOf(caused) });
      last = after;
    }
  }
  return { steps, effects: [...effects, ...steps.flatMap((step) => step.effects)], last };
}

/** The run, cancelled at the end if it has not ended. */
function runToTheEnd(plans: readonly TurnPlan[]): Run {
  return run([...plans, { kind: 'cancel', at: noon }]);
}

function activities(emissions: readonly Emission[]): string[] {
  return emissions.flatMap((event) => (event.type === 'agent.activity' ? [event.data.state] : []));
}

describe('a turn, whatever happens to it', () => {
  it('[MSG8] never fails as a machine, and says only what the catalogue allows', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { last, effects } = run(plans);
        expect(last.status).not.toBe('error');
        for (const event of emissionsOf(effects)) {
          if (event.type in eventCatalogue && 'data' in event)
            expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
        }
      }),
      { numRuns: 250 },
    );
  });

  it('[MSG8] ends once, with turn.ended last and the outcome of its final state', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { last, effects } = runToTheEnd(plans);
        expect(last.status).toBe('done');
        const emissions = emissionsOf(effects);
        expect(emissions.filter((event) => event.type === 'turn.ended')).toHaveLength(1);
        expect(emissions.at(-1)).toMatchObject({ type: 'turn.ended', data: { outcome: last.value } });
        expect(last.output).toMatchObject({ outcome: last.value, at: last.context.now });
      }),
      { numRuns: 250 },
    );
  });

  it('[MSG8] leaves the agent idle, after error if it failed', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { last, effects } = runToTheEnd(plans);
        const states = activities(emissionsOf(effects));
        expect(states[0]).toBe('thinking');
        expect(states.filter((state) => state === 'idle')).toHaveLength(1);
        expect(states.at(-1)).toBe('idle');
        expect(states.filter((state) => state === 'error')).toHaveLength(last.value === 'failed' ? 1 : 0);
        if (last.value === 'failed') expect(states.at(-2)).toBe('error');
      }),
      { numRuns: 250 },
    );
  });

  it('[MSG8] closes its answer and its trace on the way out, and only then', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { last, effects, steps } = runToTheEnd(plans);
        const sent = sendsOf(effects);
        const closing = sendsOf(steps.at(-1)?.effects ?? []);
        const ends = sent.filter(({ to, event }) => to === 'answer' && event.type === 'answer.end');
        const statuses = { completed: 'complete', failed: 'failed', cancelled: 'cancelled' } as const;
        const status = last.value === 'interrupted' ? 'interrupted' : statuses[last.value as 'failed'];
        const { answerSpawned, answerOpened } = last.context;
        const hasEnd = last.value === 'failed' ? answerOpened : answerSpawned;
        expect(ends.map(({ event }) => event['status'])).toEqual(hasEnd ? [status] : []);
        expect(sent.filter(({ to }) => to === 'trace')).toEqual(closing.filter(({ to }) => to === 'trace'));
        expect(closing.filter(({ to }) => to === 'trace').map(({ event }) => event.type)).toEqual([
          last.value === 'completed' ? 'trace.complete' : 'trace.fail',
        ]);
        const { reason } = last.context;
        expect(reason === null).toBe(last.value === 'completed');
        if (reason !== null)
          expect(closing.find(({ to }) => to === 'trace')?.event).toMatchObject({ error: reason });
      }),
      { numRuns: 250 },
    );
  });

  it('[TOOL4] [APR6] cancels exactly the calls that run or wait when it ends', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { steps, last } = runToTheEnd(plans);
        const ending = steps.at(-1);
        const closing = sendsOf(ending?.effects ?? []).filter(
          ({ event }) => event.type === 'toolCall.cancel',
        );
        const open = last.context.calls.filter(isOpen).map((call) => `toolCall.${call.id}`);
        expect(closing.map(({ to }) => to)).toEqual(last.value === 'completed' ? [] : open);
      }),
      { numRuns: 250 },
    );
  });

  it('[TOOL1] starts each call once, after the model call that asked for it, in its order', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { steps, last } = runToTheEnd(plans);
        const started = steps.flatMap((step) =>
          step.effects.flatMap((effect) =>
            effect.kind === 'spawn' && effect.id.startsWith('toolCall.') ? [effect.id] : [],
          ),
        );
        const { calls, earlierCalls } = last.context;
        const asked = [...earlierCalls, ...calls].filter((call) => call.status !== 'asked');
        expect(started).toEqual(asked.map((call) => `toolCall.${call.id}`));
        expect(new Set(started).size).toBe(started.length);
        for (const call of earlierCalls) expect(['completed', 'failed']).toContain(call.status);
      }),
      { numRuns: 250 },
    );
  });

  it('[MSG7] tells its session of each message it adds', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        const { last, effects } = runToTheEnd(plans);
        const told = sendsOf(effects).filter(({ event }) => event.type === 'message.added').length;
        const { answerOpened, answerSpoke } = last.context;
        const failed = last.value === 'failed';
        // Baseline clients hear of the failure of an answer with text by a message of its own.
        expect(told).toBe(Number(answerOpened) + Number(failed && (!answerOpened || answerSpoke)));
        const said = emissionsOf(effects).filter(({ type }) => type.startsWith('message.'));
        // A failure is a status, so there must be a message that has it.
        expect(said.map(({ type }) => type)).toEqual(
          failed && !answerOpened ? ['message.created', 'message.updated'] : [],
        );
        for (const event of said) expect(event).toMatchObject({ data: { status: 'failed', content: '' } });
      }),
      { numRuns: 250 },
    );
  });

  it('[MSG11] never lets its time step back, whatever the clock does', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        let now = -Infinity;
        for (const event of emissionsOf(runToTheEnd(plans).effects)) {
          if (!('at' in event)) continue;
          expect(event.at).toBeGreaterThanOrEqual(now);
          now = event.at;
        }
      }),
      { numRuns: 250 },
    );
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const plans of fc.sample(turnPlans, { numRuns: 500, seed: 7 })) run(plans, visited);
    // Of turns of outside agents: pushed-turn.test.ts, and the stories of offered turns.
    const reached = new Set([...visited.paths, 'offered', 'receiving']);
    expect(reached).toEqual(everyStateOf(turnMachine));
  });
});

describe('the bounds of a turn', () => {
  const calls = (count: number): TurnPlan => ({ kind: 'calls', count, guarded: 0, at: noon });
  const finished: TurnPlan = { kind: 'finished', at: noon };
  const callEnds: TurnPlan = { kind: 'callEnds', which: 0, failed: false, stray: false, at: noon };
  const failure = (effects: readonly Effect[]): Emission | undefined =>
    emissionsOf(effects).find((event) => event.type === 'turn.ended');

  it('[TOOL5] runs as many calls of one model call as allowed, and fails for one more', () => {
    const allowed = run([calls(limits.stepToolCallsMax), finished]);
    expect(allowed.last.value).toBe('runningTools');
    const tooMany = run([calls(limits.stepToolCallsMax + 1)]);
    expect(tooMany.last.value).toBe('failed');
    expect(failure(tooMany.effects)).toMatchObject({ data: { reason: expect.stringContaining('at once') } });
    expect(tooMany.effects.filter(({ kind }) => kind === 'spawn')).toHaveLength(2);
  });

  it('[TOOL5] makes as many model calls as allowed, and fails instead of one more', () => {
    const round = [calls(1), finished, callEnds];
    const rounds = (count: number) => Array.from({ length: count }, () => round).flat();
    const allowed = run(rounds(limits.turnStepsMax - 1));
    expect(allowed.last.value).toEqual({ modelCall: { calling: 'requesting' } });
    expect(allowed.last.context.step).toBe(limits.turnStepsMax);
    const tooMany = run(rounds(limits.turnStepsMax));
    expect(tooMany.last.value).toBe('failed');
    expect(failure(tooMany.effects)).toMatchObject({
      data: { reason: expect.stringContaining('model calls') },
    });
  });

  it('[MSG4] [PART4] makes a message of a failure without a word, and tells its session', () => {
    const { effects } = run([{ kind: 'failed', text: 'quota', code: 'unknown', at: noon }]);
    const { answerId, promptId } = turnInput(1);
    expect(sendsOf(effects).filter(({ to }) => to !== 'trace')).toEqual([
      { to: 'session', event: { type: 'message.added', at: noon, answerId, parentId: promptId } },
    ]);
    const data = {
      id: answerId,
      sessionId: turnInput(1).sessionId,
      role: 'assistant',
      content: '',
      createdAt: isoTimestamp(noon),
      parentId: promptId,
      promptId,
      status: 'failed',
    };
    expect(emissionsOf(effects).filter(({ type }) => type.startsWith('message.'))).toEqual([
      { type: 'message.created', sessionId: data.sessionId, at: noon, data },
      { type: 'message.updated', sessionId: data.sessionId, at: noon, data },
    ]);
  });

  // Before the fix: `reason` was stored and sent as the provider wrote it. With U+0000, PostgreSQL refused the batch,
  // which stopped the session; and its length had no bound.
  it('[TXT6] makes the reason of a failure storable and bounds it', () => {
    const text = `\0\uD800${'long '.repeat(limits.failureReasonUnitsMax)}`;
    for (const kind of ['failed', 'interrupt'] as const) {
      const { last } = run([{ kind, text, code: 'unknown', at: noon }]);
      expect(last.context.reason?.slice(0, 6)).toBe('\uFFFD\uFFFDlong');
      expect(last.context.reason).toHaveLength(limits.failureReasonUnitsMax + 1);
    }
  });

  // Before the fix: a model's tool call was stored unchanged, with the same effect.
  it('[TXT2] makes what the model wrote as a tool call storable', () => {
    const [initial] = initialTransition(turnMachine, turnInput(1));
    const { id } = { id: turnInput(1).turnId as string };
    const [after] = transition(turnMachine, initial, {
      type: 'engine.toolCall',
      at: noon,
      call: { id: id as never, modelCallId: 'a\0', name: 'b\uDC00', argumentsJson: '{"c":"\0"}' },
    });
    expect(after.context.calls).toMatchObject([
      { modelCallId: 'a\uFFFD', name: 'b\uFFFD', argumentsJson: '{"c":"\uFFFD"}' },
    ]);
  });

  it('[TRC3] gives its trace the prompt, and continues one that an earlier run created', () => {
    for (const [traceCreatedAt, announced] of [
      [null, false],
      [noon - 10, true],
    ] as const) {
      const [snapshot] = initialTransition(turnMachine, turnInput(1, traceCreatedAt));
      expect(snapshot.children['trace']?.getSnapshot()).toMatchObject({
        context: {
          id: turnInput(1).traceId,
          name: 'engine.run',
          metadata: { messageId: turnInput(1).promptId },
          at: traceCreatedAt ?? noon,
          announced,
        },
      });
    }
  });
});
