/**
 * The exact emissions of a turn, a tool call and an answer. The properties say what always holds; these tests list
 * the emissions once, so that no change of them goes unnoticed.
 */
import { describe, expect, it } from 'vitest';
import { getInitialSnapshot, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { type AnswerContext, type AnswerEvent, answerLogic, nextAnswer } from '../../machines/answer.ts';
import { appended, emptyText, joined } from '../../machines/growing-text.ts';
import { type ToolCallEvent, toolCallMachine } from '../../machines/tool-call.ts';
import { turnMachine } from '../../machines/turn.ts';
import type { TurnEvent } from '../../machines/turn-context.ts';
import { unprovided } from '../../machines/unprovided.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { toolCallInput } from '../arbitraries/tool-call-events.ts';
import { turnInput } from '../arbitraries/turn-events.ts';
import { type Effect, effectsOf, emissionsOf } from '../machine-steps.ts';

const turn = turnInput(1);
const callId = (count: number) => idOf<ToolCallId>(idKinds.call, count);

function afterTurn(...events: readonly TurnEvent[]): {
  last: SnapshotFrom<typeof turnMachine>;
  effects: Effect[];
} {
  let [last, actions] = initialTransition(turnMachine, turn);
  for (const event of events) [last, actions] = transition(turnMachine, last, event);
  return { last, effects: effectsOf(actions) };
}

const call = (count: number): TurnEvent => ({
  type: 'engine.toolCall',
  at: noon + 1,
  call: { id: callId(count), modelCallId: `call_${count}`, name: 'clock', argumentsJson: '{}' },
});
const finished: TurnEvent = { type: 'engine.finished', at: noon + 2 };
const callEnded = (count: number, failed: boolean): TurnEvent => {
  const id = callId(count);
  const output = { id, result: `result ${count}`, failed, at: noon + 3 };
  return { type: `xstate.done.actor.toolCall.${id}`, actorId: `toolCall.${id}` as const, output };
};
const states = (effects: readonly Effect[]) =>
  emissionsOf(effects).flatMap((event) => (event.type === 'agent.activity' ? [event.data.state] : []));

describe('what a turn says, to the letter', () => {
  it('[MSG1] [TRC3] it starts, with a trace, and the agent thinks', () => {
    const { effects } = afterTurn();
    const { turnId, sessionId } = turn;
    const timestamp = isoTimestamp(noon);
    expect(effects).toMatchObject([
      {
        kind: 'emit',
        event: { type: 'turn.started', sessionId, at: noon, data: { turnId, sessionId, timestamp } },
      },
      { kind: 'spawn', id: 'trace' },
      {
        kind: 'emit',
        event: {
          type: 'agent.activity',
          sessionId,
          at: noon,
          data: { sessionId, state: 'thinking', timestamp },
        },
      },
      // The turn's time limit runs while a model works.
      { kind: 'timer', id: 'xstate.after.turnTimeLimit.turn.modelCall', delay: limits.turnMsMax },
      { kind: 'spawn', id: 'engine' },
    ]);
  });

  it('[TOOL1] calls wait without a result until the model call has finished, and then all run', () => {
    const asked = afterTurn(call(1), call(2)).last.context.calls;
    expect(asked).toMatchObject([
      {
        id: callId(1),
        modelCallId: 'call_1',
        name: 'clock',
        argumentsJson: '{}',
        status: 'asked',
        result: '',
      },
      { id: callId(2), status: 'asked', result: '' },
    ]);
    const { last, effects } = afterTurn(call(1), call(2), finished);
    expect(last.context.calls.map(({ status }) => status)).toEqual(['running', 'running']);
    expect(states(effects)).toEqual(['tool']);
  });

  it('[TOOL1] [TOOL3] each call that ends is let go, and a failed one makes the agent say so', () => {
    const running = [call(1), call(2), finished];
    const first = afterTurn(...running, callEnded(2, true));
    expect(first.last.context.calls).toMatchObject([
      { status: 'running', result: '' },
      { status: 'failed', result: 'result 2' },
    ]);
    expect(first.effects[0]).toEqual({ kind: 'stop', id: `toolCall.${callId(2)}` });
    expect(states(first.effects)).toEqual(['tool-error']);
    const second = afterTurn(...running, callEnded(2, true), callEnded(1, false));
    expect(states(second.effects)).toEqual(['thinking']);
    expect(second.last.context).toMatchObject({ step: 2, calls: [], earlierCalls: [{}, {}] });
    expect(states(afterTurn(call(1), finished, callEnded(1, true)).effects)).toEqual([
      'tool-error',
      'thinking',
    ]);
  });

  it('[TOOL4] [CAN3] what runs when it is cancelled is told, and only that', () => {
    const { effects } = afterTurn(call(1), call(2), finished, callEnded(1, false), {
      type: 'turn.cancel',
      at: noon + 9,
    });
    expect(effects.filter(({ kind }) => kind === 'send')).toEqual([
      { kind: 'send', to: `toolCall.${callId(2)}`, event: { type: 'toolCall.cancel', at: noon + 9 } },
      {
        kind: 'send',
        to: 'trace',
        event: { type: 'trace.fail', at: noon + 9, error: 'Cancelled', metadata: {} },
      },
    ]);
  });

  it('[TRC3] [MSG8] a completed one completes its trace with the count of responses and says its end', () => {
    const { effects } = afterTurn(
      { type: 'engine.began', at: noon + 1 },
      { type: 'answer.opened', at: noon + 1, spoke: true },
      finished,
    );
    const { turnId, sessionId } = turn;
    expect(effects.filter(({ kind }) => kind === 'send')).toEqual([
      {
        kind: 'send',
        to: 'answer',
        event: {
          type: 'answer.end',
          at: noon + 2,
          status: 'complete',
          model: undefined,
          usage: {},
          finishReason: 'other',
        },
      },
      {
        kind: 'send',
        to: 'trace',
        event: { type: 'trace.complete', at: noon + 2, metadata: { responseCount: 1 } },
      },
    ]);
    expect(emissionsOf(effects).at(-1)).toEqual({
      type: 'turn.ended',
      sessionId,
      at: noon + 2,
      data: { turnId, sessionId, timestamp: isoTimestamp(noon + 2), outcome: 'completed' },
    });
  });

  it.each<[event: TurnEvent, reason: string]>([
    [{ type: 'engine.failed', at: noon + 4, error: 'No quota' }, 'No quota'],
    [{ type: 'turn.cancel', at: noon + 4 }, 'Cancelled'],
    [{ type: 'turn.interrupt', at: noon + 4, reason: 'Stopping' }, 'Stopping'],
    [{ type: 'engine.finished', at: noon + 4 }, 'The engine finished without an answer'],
    [{ type: 'xstate.error.actor.engine', actorId: 'engine', error: new Error('A bug') }, 'A bug'],
    [{ type: 'xstate.error.actor.engine', actorId: 'engine', error: 'A word' }, 'A word'],
  ])('[TXT6] [MSG4] [MSG11] %j gives the reason %j, and moves time unless it has none', (event, reason) => {
    const { last, effects } = afterTurn(event);
    expect(last.context).toMatchObject({ reason, now: 'at' in event ? noon + 4 : noon });
    expect(effects).toContainEqual({
      kind: 'send',
      to: 'trace',
      event: { type: 'trace.fail', at: last.context.now, error: reason, metadata: {} },
    });
  });

  it('[MSG11] an earlier time does not turn its clock back', () => {
    expect(afterTurn({ type: 'engine.starting', at: noon - 5 }).last.context.now).toBe(noon);
    expect(afterTurn({ type: 'engine.starting', at: noon + 5 }).last.context.now).toBe(noon + 5);
  });

  it('[MSG8] is given out with its id, outcome and time', () => {
    expect(turnMachine.id).toBe('turn');
    const { last } = afterTurn({ type: 'turn.cancel', at: noon + 4 });
    expect(last.output).toEqual({ turnId: turn.turnId, outcome: 'cancelled', at: noon + 4, decided: [] });
  });
});

describe('what a tool call says, to the letter', () => {
  function afterCall(...events: readonly ToolCallEvent[]) {
    let [last, actions] = initialTransition(toolCallMachine, toolCallInput);
    for (const event of events) [last, actions] = transition(toolCallMachine, last, event);
    return { last, emissions: emissionsOf(effectsOf(actions)) };
  }

  it('[TOOL2] [TOOL4] a cancelled call fails with the word for it', () => {
    const { last, emissions } = afterCall({ type: 'toolCall.cancel', at: noon + 3 });
    expect(emissions).toMatchObject([
      {
        type: 'tool.result',
        at: noon + 3,
        data: { status: 'failed', agentId: 'rehearsal' },
        record: { result: 'Cancelled', argumentsJson: toolCallInput.argumentsJson },
      },
      {
        type: 'trace.span.appended',
        at: noon + 3,
        data: { id: toolCallInput.id, parentId: toolCallInput.turnId, status: 'error' },
      },
    ]);
    const { id } = toolCallInput;
    expect(last.output).toEqual({ id, result: 'Cancelled', failed: true, at: noon + 3, ranMs: 3 });
  });

  it('[TOOL2] a call that runs gives its runner its session, name and arguments', () => {
    expect(toolCallMachine.id).toBe('toolCall');
    const { last, emissions } = afterCall();
    const { sessionId, name, argumentsJson } = toolCallInput;
    expect(Reflect.get(last.children['toolRunner'] ?? {}, 'options')).toMatchObject({
      input: { sessionId, name, argumentsJson },
    });
    expect(emissions[0]).not.toHaveProperty('record.result');
  });

  it('the logic of a runner that nobody provided says which', () => {
    expect(unprovided('engine')).toThrow('actor logic "engine" was not provided');
  });
});

describe('what an answer says, to the letter', () => {
  const { sessionId, promptId } = turn;
  const messageId = turn.answerId;
  function afterAnswer(...events: readonly AnswerEvent[]) {
    const opened: unknown[] = [];
    const input = {
      sessionId,
      messageId,
      promptId,
      turnId: turn.turnId,
      agentId: 'rehearsal',
      turn: { send: (event: unknown) => opened.push(event) },
    };
    let context: AnswerContext = getInitialSnapshot(answerLogic, input).context;
    const said: { readonly type: string; readonly data?: unknown; readonly offset?: number }[] = [];
    for (const event of events) context = nextAnswer(context, event, (emission) => said.push(emission));
    return { said, opened, context };
  }
  const end: AnswerEvent = { type: 'answer.end', at: noon, status: 'complete' };
  const text = (given: string, at = noon): AnswerEvent => ({ type: 'answer.text', text: given, at });
  const types = (...events: readonly AnswerEvent[]) => afterAnswer(...events).said.map(({ type }) => type);

  it('[MSG6] its message keeps the time of its first text, and its turn hears of that once', () => {
    const { said, opened } = afterAnswer(text('One', noon + 1), text(' two', noon + 2), {
      ...end,
      at: noon + 3,
    });
    const message = { id: messageId, sessionId, role: 'assistant', createdAt: isoTimestamp(noon + 1) };
    expect(said[0]).toMatchObject({ type: 'message.created', data: { ...message, content: 'One' } });
    expect(said.at(-1)).toMatchObject({ type: 'message.updated', data: { ...message, content: 'One two' } });
    expect(opened).toEqual([{ type: 'answer.opened', at: noon + 1, spoke: true }]);
  });

  it('[MSG6] [MSG10] nothing is nothing: an empty piece opens, closes and says nothing', () => {
    const empty: AnswerEvent = { type: 'answer.reasoning', text: '', at: noon };
    expect(types(text(''), empty, { type: 'answer.checkpoint', at: noon })).toEqual([]);
    const thinking: AnswerEvent = { type: 'answer.reasoning', text: 'Hm', at: noon };
    expect(types(thinking, text(''))).toEqual(['message.created', 'reasoning.delta']);
    expect(types(text('a'), empty, end)).toEqual(['message.created', 'message.delta', 'message.updated']);
  });

  it('[MSG9] a checkpoint is due at exactly so many new units, counted from the last one', () => {
    const { checkpointUnitsMax: max } = limits;
    const ends = (...lengths: readonly number[]) =>
      afterAnswer(text('x'), ...lengths.map((length) => text('y'.repeat(length)))).said.flatMap((event) =>
        event.type === 'message.checkpoint' ? [event.data] : [],
      );
    expect(ends(max - 1)).toEqual([]);
    expect(ends(max)).toMatchObject([{ offset: 1, text: 'y'.repeat(max) }]);
    expect(ends(max, max - 1)).toHaveLength(1);
    expect(ends(max, max - 1, 1)).toMatchObject([{ offset: 1 }, { offset: max + 1, text: 'y'.repeat(max) }]);
  });

  it('an answer that is stopped keeps what it has', () => {
    const input = {
      sessionId,
      messageId,
      promptId,
      turnId: turn.turnId,
      agentId: 'rehearsal',
      turn: { send: () => {} },
    };
    const [before] = initialTransition(answerLogic, input);
    const [after] = transition(answerLogic, before, { type: 'xstate.stop' } as never);
    expect(after.context).toEqual(before.context);
    const [foreign] = transition(answerLogic, before, { type: 'turn.cancel', at: noon } as never);
    expect(foreign.context).toEqual(before.context);
  });

  it('[MSG6] a text that grows leaves the empty one empty, and every older one as it was', () => {
    const one = appended(emptyText, 'a');
    const two = appended(one, 'b');
    const fork = appended(one, 'c');
    expect(emptyText).toEqual({ pieces: [], count: 0, units: 0 });
    expect([one, two, fork].map((given) => joined(given))).toEqual(['a', 'ab', 'ac']);
    expect(joined(two, 1)).toBe('b');
    expect([one.units, two.units, fork.count]).toEqual([1, 2, 2]);
  });
});
