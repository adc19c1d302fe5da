/**
 * Model calls in the turn machine: retries and bounds. Goal: a retryable failure is retried a bounded number of
 * times, and only before the first output; a turn that exceeds a bound ends with a reason. Method: single cases and
 * properties through the pure `transition()`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { retryDelay } from '../../machines/retry-delay.ts';
import { turnMachine } from '../../machines/turn.ts';
import { defaultTurnBounds, type TurnBounds, type TurnEvent } from '../../machines/turn-context.ts';
import { type EngineErrorCode, engineErrorTable } from '../../schema/engine-error.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { turnInput } from '../arbitraries/turn-events.ts';
import { type Effect, effectsOf, emissionsOf, sendsOf } from '../machine-steps.ts';

type Snapshot = SnapshotFrom<typeof turnMachine>;

function run(events: readonly TurnEvent[], bounds: Partial<TurnBounds> = {}) {
  const input = { ...turnInput(1), bounds: { ...defaultTurnBounds, ...bounds } };
  const [initial, actions] = initialTransition(turnMachine, input);
  let last: Snapshot = initial;
  const effects: Effect[] = effectsOf(actions);
  for (const event of events) {
    const [next, caused] = transition(turnMachine, last, event);
    effects.push(...effectsOf(caused));
    last = next;
  }
  return { last, effects };
}

const failed = (code: EngineErrorCode, more: { retryAfterMs?: number; at?: number } = {}): TurnEvent => ({
  type: 'engine.failed',
  at: noon,
  error: 'the words of the provider',
  code,
  ...more,
});
const retryDue = { type: 'xstate.after.retryDelay.turn.modelCall.waitingToRetry' } as never as TurnEvent;
const outOfTime = { type: 'xstate.after.turnTimeLimit.turn.modelCall' } as never as TurnEvent;
const asks = (count: number): TurnEvent => ({
  type: 'engine.toolCall',
  at: noon,
  call: { id: idOf<ToolCallId>(idKinds.call, count), modelCallId: 'a', name: 'clock', argumentsJson: '{}' },
});
const ends = (count: number, ranMs = 0): TurnEvent => {
  const id = idOf<ToolCallId>(idKinds.call, count);
  const output = { id, result: '', failed: false, at: noon, ranMs };
  return { type: `xstate.done.actor.toolCall.${id}`, actorId: `toolCall.${id}` as const, output };
};
const finished = (tokens = 0, at = noon): TurnEvent => ({
  type: 'engine.finished',
  at,
  usage: { inputTokens: tokens },
});
const traceEnd = (effects: readonly Effect[]) => sendsOf(effects).find(({ to }) => to === 'trace')?.event;

const codes = Object.keys(engineErrorTable).filter(
  (code): code is EngineErrorCode => code in engineErrorTable,
);

describe('a model call that fails', () => {
  it.each(codes)(
    '[MDL1] [MDL3] [MDL14] of class %s is tried again if that may help, and tells its reason',
    (code) => {
      const { last, effects } = run([failed(code)]);
      if (engineErrorTable[code].retryable) {
        expect(last.value).toEqual({ modelCall: 'waitingToRetry' });
        expect(emissionsOf(effects).map(({ type }) => type)).toEqual([
          'turn.started',
          'agent.activity',
          'turn.retrying',
        ]);
        const { retryDelayMs, promptId } = last.context;
        expect(emissionsOf(effects).at(-1)).toMatchObject({
          data: {
            messageId: promptId,
            attempt: 2,
            attemptsMax: limits.modelRetriesMax + 1,
            retryAt: isoTimestamp(noon + retryDelayMs),
            errorCode: code,
          },
        });
      } else {
        expect(last.value).toBe('failed');
        const { words } = engineErrorTable[code];
        const reason =
          code === 'unknown' ? 'the words of the provider' : `${words}: the words of the provider`;
        expect(traceEnd(effects)).toMatchObject({
          type: 'trace.fail',
          error: reason,
          metadata: code === 'unknown' ? {} : { errorCode: code },
        });
      }
    },
  );

  it('[MDL1] is tried again as often as allowed, with the step it was, and then fails', () => {
    const rounds = Array.from({ length: limits.modelRetriesMax }, () => [
      failed('overloaded'),
      retryDue,
    ]).flat();
    const { last, effects } = run([...rounds, { type: 'engine.starting', at: noon }]);
    expect(last.value).toEqual({ modelCall: { calling: 'requesting' } });
    expect(last.context).toMatchObject({ step: 1, attempt: limits.modelRetriesMax + 1 });
    expect(emissionsOf(effects).at(-1)).toMatchObject({
      type: 'turn.step.started',
      data: { step: 1, attempt: limits.modelRetriesMax + 1 },
    });
    const over = run([...rounds, failed('overloaded')]);
    expect(over.last.value).toBe('failed');
    expect(traceEnd(over.effects)).toMatchObject({ metadata: { retries: limits.modelRetriesMax } });
  });

  it('[MDL1] is not tried again once anything of it was said, or when the provider asks for too much time', () => {
    expect(run([{ type: 'engine.began', at: noon }, failed('overloaded')]).last.value).toBe('failed');
    expect(run([asks(1), failed('overloaded')]).last.value).toBe('failed');
    const patient = { retryAfterMs: limits.modelRetryAfterMsMax };
    expect(run([failed('rate_limited', patient)]).last.value).toEqual({ modelCall: 'waitingToRetry' });
    const impatient = { retryAfterMs: limits.modelRetryAfterMsMax + 1 };
    expect(run([failed('rate_limited', impatient)]).last.value).toBe('failed');
  });

  it('[MDL1] can be cancelled while it waits', () => {
    const { last, effects } = run([failed('overloaded'), { type: 'turn.cancel', at: noon }]);
    expect(last.value).toBe('cancelled');
    expect(emissionsOf(effects).at(-1)).toMatchObject({ data: { outcome: 'cancelled' } });
  });

  it('[MDL1] waits longer each time, within bounds, and never shorter than the provider asks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.nat(limits.modelRetryAfterMsMax), { nil: undefined }),
        (failures, jitter, retryAfterMs) => {
          const delay = retryDelay(failures, jitter, retryAfterMs);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(Math.max(limits.modelRetryMs / 2, retryAfterMs ?? 0));
          expect(delay).toBeLessThanOrEqual(
            Math.max(limits.modelRetryMsMax, (retryAfterMs ?? 0) + limits.modelRetryMs),
          );
          expect(retryDelay(failures + 1, jitter, retryAfterMs)).toBeGreaterThanOrEqual(delay);
        },
      ),
    );
  });
});

describe('the bounds of a turn', () => {
  it('[MDL2] makes no further model call when its tokens are used up', () => {
    const round = [asks(1), finished(50), ends(1)];
    const within = run([...round, asks(2), finished(49), ends(2)], { tokensMax: 100 });
    expect(within.last.value).toEqual({ modelCall: { calling: 'requesting' } });
    const { last, effects } = run([...round, asks(2), finished(50), ends(2)], { tokensMax: 100 });
    expect(last.value).toBe('failed');
    expect(traceEnd(effects)).toMatchObject({
      error: expect.stringContaining('100 tokens'),
      metadata: { usage: { inputTokens: 100 } },
    });
  });

  it('[MDL2] keeps the answer that used them up', () => {
    const said: TurnEvent[] = [
      { type: 'engine.began', at: noon },
      { type: 'answer.opened', at: noon, spoke: true },
    ];
    expect(run([...said, finished(1000)], { tokensMax: 100 }).last.value).toBe('completed');
  });

  it('[MDL2] ends when its models and tools took too long together', () => {
    const timer = (effects: readonly Effect[]) =>
      effects.findLast((effect) => effect.kind === 'timer' && effect.delay !== null);
    const { last, effects } = run([asks(1), finished(0, noon + 300), ends(1, 200)], { msMax: 1000 });
    expect(last.context.activeMs).toBe(500);
    expect(timer(effects)).toMatchObject({ delay: 500 });
    const late = run([asks(1), finished(0, noon + 300), ends(1, 200), outOfTime], { msMax: 1000 });
    expect(late.last.value).toBe('failed');
    expect(traceEnd(late.effects)).toMatchObject({ error: expect.stringContaining('1000 ms') });
    expect(run([asks(1), finished(0, noon + 300), ends(1, 700)], { msMax: 1000 }).last.value).toBe('failed');
  });

  it.each([
    ['length', 'cut off at the output limit'],
    ['content-filter', 'filtered'],
    ['stop', 'without an answer'],
  ] as const)('[MDL7] fails without an answer that ended with %s, saying why', (finishReason, words) => {
    const { last, effects } = run([{ type: 'engine.finished', at: noon, finishReason }]);
    expect(last.value).toBe('failed');
    expect(traceEnd(effects)).toMatchObject({ error: expect.stringContaining(words) });
  });

  it('[MDL3] tells the trace of an answer which model gave it and what it cost', () => {
    const said: TurnEvent[] = [
      { type: 'engine.began', at: noon },
      { type: 'answer.opened', at: noon, spoke: true },
    ];
    const { effects } = run([
      asks(1),
      { type: 'engine.finished', at: noon, usage: { inputTokens: 3, outputTokens: 4 } },
      ends(1),
      ...said,
      {
        type: 'engine.finished',
        at: noon,
        usage: { inputTokens: 10, outputTokens: 20, reasoningTokens: 5 },
        model: 'm-1',
        finishReason: 'length',
      },
    ]);
    expect(traceEnd(effects)).toMatchObject({
      type: 'trace.complete',
      metadata: {
        responseCount: 1,
        model: 'm-1',
        usage: { inputTokens: 13, outputTokens: 24, reasoningTokens: 5 },
        finishReason: 'length',
      },
    });
  });

  it.each([
    ['stop', 'complete'],
    ['other', 'complete'],
    ['length', 'cut-off'],
    ['content-filter', 'cut-off'],
  ] as const)(
    '[PART4] ends an answer after %s as %s, with its model and what all its calls cost',
    (finishReason, status) => {
      const { effects } = run([
        asks(1),
        { type: 'engine.finished', at: noon, usage: { inputTokens: 3 }, model: 'm-1' },
        ends(1),
        { type: 'engine.began', at: noon },
        { type: 'answer.opened', at: noon, spoke: true },
        {
          type: 'engine.finished',
          at: noon,
          usage: { inputTokens: 4, outputTokens: 5 },
          model: 'm-2',
          finishReason,
        },
      ]);
      const [ended] = sendsOf(effects).filter(({ event }) => event.type === 'answer.end');
      expect(ended?.event).toEqual({
        type: 'answer.end',
        at: noon,
        status,
        finishReason,
        model: 'm-2',
        usage: { inputTokens: 7, outputTokens: 5 },
      });
    },
  );
});
