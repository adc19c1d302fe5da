/**
 * Approval in the turn machine. Goal: no call that needs a person's approval runs without it, every decision is
 * answered, and a turn that waited continues as if it had not. Method: planned event sequences through the pure
 * `transition()`, and single cases.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { turnMachine } from '../../machines/turn.ts';
import type { ResumedTurn, TurnCall, TurnEvent } from '../../machines/turn-context.ts';
import { waitsForPeople } from '../../machines/turn-context.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { decision } from '../arbitraries/tool-decisions.ts';
import { turnEvents, turnInput, turnPlans } from '../arbitraries/turn-events.ts';
import { type Effect, effectsOf, emissionsOf, sendsOf } from '../machine-steps.ts';

type Snapshot = SnapshotFrom<typeof turnMachine>;

const callId = (count: number) => idOf<ToolCallId>(idKinds.call, count);

function started(events: readonly TurnEvent[], resumed?: ResumedTurn) {
  const [initial, actions] = initialTransition(turnMachine, { ...turnInput(1), resumed });
  return going(initial, events, effectsOf(actions));
}

function going(snapshot: Snapshot, events: readonly TurnEvent[], before: readonly Effect[] = []) {
  let last = snapshot;
  const effects = [...before];
  for (const event of events) {
    const [next, caused] = transition(turnMachine, last, event);
    effects.push(...effectsOf(caused));
    last = next;
  }
  return { last, effects };
}

const asks = (count: number, guarded: boolean): TurnEvent => ({
  type: 'engine.toolCall',
  at: noon,
  call: {
    id: callId(count),
    modelCallId: `call_${count}`,
    name: 'clock',
    argumentsJson: '{}',
    ...(guarded ? { approval: { timeoutMs: null } } : {}),
  },
});
const finished: TurnEvent = { type: 'engine.finished', at: noon };
const ends = (count: number): TurnEvent => ({
  type: `xstate.done.actor.toolCall.${callId(count)}`,
  actorId: `toolCall.${callId(count)}` as const,
  output: { id: callId(count), result: `result ${count}`, failed: false, at: noon },
});

describe('approval in a turn', () => {
  it('[APR1] passes a decision on to its call once, and only to one that waits', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        let last = initialTransition(turnMachine, turnInput(1))[0];
        const decided = new Set<string>();
        for (const [index, planned] of plans.entries()) {
          for (const event of turnEvents(planned, index, last)) {
            if (last.status !== 'active') return;
            const [next, caused] = transition(turnMachine, last, event);
            for (const { to, event: sent } of sendsOf(effectsOf(caused))) {
              if (sent.type !== 'toolCall.decide') continue;
              const before = last.context.calls.find((call) => `toolCall.${call.id}` === to);
              expect(before?.status).toBe('awaitingApproval');
              expect(decided.has(to)).toBe(false);
              decided.add(to);
            }
            last = next;
          }
        }
      }),
      { numRuns: 250 },
    );
  });

  it('[APR3] answers every decision exactly once, behind what it causes', () => {
    fc.assert(
      fc.property(turnPlans, (plans) => {
        let last = initialTransition(turnMachine, turnInput(1))[0];
        for (const [index, planned] of plans.entries()) {
          for (const event of turnEvents(planned, index, last)) {
            if (last.status !== 'active') return;
            const [next, caused] = transition(turnMachine, last, event);
            const effects = effectsOf(caused);
            const replies = emissionsOf(effects).filter(({ type }) => type.startsWith('command.'));
            const isDecision = event.type === 'tool.approve' || event.type === 'tool.deny';
            expect(replies).toHaveLength(isDecision ? 1 : 0);
            if (isDecision) expect(effects.at(-1)).toMatchObject({ kind: 'emit', event: replies[0] });
            last = next;
          }
        }
      }),
      { numRuns: 250 },
    );
  });

  it('[APR3] takes a decision once, accepts it again, and refuses the opposite', () => {
    const waiting = started([asks(1, true), finished]).last;
    expect(waiting.context.calls).toMatchObject([{ status: 'awaitingApproval' }]);
    const yes = decision('tool.approve', callId(1), { reason: 'looks safe' });
    const { last, effects } = going(waiting, [
      yes,
      { ...yes, reason: 'again' },
      decision('tool.deny', callId(1)),
    ]);
    const told = { sessionId: yes.sessionId, callId: callId(1), decision: 'approved', reason: 'looks safe' };
    expect(emissionsOf(effects)).toMatchObject([
      { type: 'command.accepted', result: told },
      { type: 'command.accepted', result: told },
      {
        type: 'command.refused',
        refusal: { code: 'conflict', message: expect.stringContaining('approved before') },
      },
    ]);
    expect(last.context.calls).toMatchObject([{ status: 'running', approval: { decision: 'approved' } }]);
    // Also later, when the call belongs to an earlier step.
    const later = going(last, [ends(1), yes]);
    expect(later.last.value).toMatchObject({ modelCall: {} });
    expect(emissionsOf(later.effects).at(-1)).toMatchObject({ type: 'command.accepted', result: told });
  });

  it('[APR3] refuses a decision about a call that is unknown, or waits for nobody', () => {
    const { last } = started([asks(1, false), finished]);
    const { effects } = going(last, [
      decision('tool.approve', callId(1)),
      decision('tool.approve', callId(7)),
      decision('tool.deny', callId(7), { stored: { id: callId(7), awaits: true, approval: null } }),
      decision('tool.deny', callId(7), {
        stored: { id: callId(7), awaits: false, approval: { decision: 'denied', reason: 'no' } },
      }),
    ]);
    expect(emissionsOf(effects)).toMatchObject([
      { refusal: { code: 'conflict', message: expect.stringContaining('does not wait') } },
      { refusal: { code: 'not_found' } },
      { refusal: { code: 'conflict' } },
      { type: 'command.accepted', result: { decision: 'denied', reason: 'no' } },
    ]);
  });

  it('[APR6] lets siblings run and end while one waits, and goes on when it is decided', () => {
    const { last } = started([asks(1, true), asks(2, false), finished]);
    expect(last.context.calls.map(({ status }) => status)).toEqual(['awaitingApproval', 'running']);
    expect(waitsForPeople(last.context)).toBe(false);
    const alone = going(last, [ends(2)]).last;
    expect(alone.value).toBe('runningTools');
    expect(waitsForPeople(alone.context)).toBe(true);
    const on = going(alone, [decision('tool.approve', callId(1)), ends(1)]).last;
    expect(on.context.earlierCalls.map(({ result }) => result)).toEqual(['result 1', 'result 2']);
  });

  it('[APR7] is not interrupted while somebody must decide: only what runs is', () => {
    const { last } = started([asks(1, true), asks(2, false), finished]);
    const { last: stayed, effects } = going(last, [{ type: 'turn.interrupt', at: noon, reason: 'stopping' }]);
    expect(stayed.value).toBe('runningTools');
    expect(sendsOf(effects)).toEqual([
      { to: `toolCall.${callId(2)}`, event: { type: 'toolCall.cancel', at: noon, reason: 'stopping' } },
    ]);
  });

  it('[APR5] [HIS1] checkpoints what it said before calls are run or wait', () => {
    const said: TurnEvent[] = [
      { type: 'engine.began', at: noon },
      { type: 'answer.opened', at: noon, spoke: true },
    ];
    const sentTo = (guarded: boolean) =>
      sendsOf(started([...said, asks(1, guarded), finished]).effects).filter(({ to }) => to === 'answer');
    for (const guarded of [true, false]) {
      expect(sentTo(guarded).map(({ event }) => event.type)).toEqual(['answer.calls']);
    }
  });

  it('[APR5] goes on waiting where it was, without saying again what was said', () => {
    const call = (count: number, over: Partial<TurnCall>): TurnCall => ({
      id: callId(count),
      modelCallId: `call_${count}`,
      name: 'clock',
      argumentsJson: '{}',
      step: 2,
      needsApproval: true,
      approvalTimeoutMs: null,
      approvalDeadline: null,
      approval: null,
      status: 'awaitingApproval',
      result: '',
      ranMs: 0,
      ...over,
    });
    const resumed: ResumedTurn = {
      step: 2,
      steps: [
        { step: 1, answerUnits: 3, finishReason: 'tool-calls', usage: { inputTokens: 5 } },
        { step: 2, answerUnits: 3, finishReason: 'tool-calls', usage: { inputTokens: 6 } },
      ],
      calls: [call(2, {}), call(3, { status: 'failed', needsApproval: false, result: 'gone' })],
      earlierCalls: [call(1, { step: 1, status: 'completed', result: 'one' })],
      answer: { text: 'Hm.', createdAt: noon - 5, marks: [], reasoning: null },
    };
    const { last, effects } = started([], resumed);
    expect(last.value).toBe('runningTools');
    expect(emissionsOf(effects)).toMatchObject([{ type: 'agent.activity', data: { state: 'tool' } }]);
    const spawned = effects.flatMap((effect) => (effect.kind === 'spawn' ? [effect.id] : []));
    expect(spawned).toEqual(['trace', 'answer', `toolCall.${callId(2)}`]);
    expect(last.children[`toolCall.${callId(2)}`]?.getSnapshot()).toMatchObject({
      value: 'awaitingApproval',
      context: { announced: true },
    });
    const on = going(last, [decision('tool.approve', callId(2)), ends(2)]);
    expect(on.last.context).toMatchObject({ step: 3, answerOpened: true });
    expect(on.last.context.earlierCalls.map(({ result }) => result)).toEqual(['one', 'result 2', 'gone']);
    const input = on.last.children['engine']?.getSnapshot();
    expect(input).toMatchObject({
      input: { step: 3, results: [{}, {}, {}], steps: [{ step: 1 }, { step: 2 }] },
    });
  });
});
