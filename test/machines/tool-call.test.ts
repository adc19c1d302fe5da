/**
 * Tool call machine. Goal: `tool.call`, then one and only one `tool.result` (I5), and no run without the approval that
 * it needs. Method: generated events through the pure `transition()`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type ToolCallEvent, type ToolCallInput, toolCallMachine } from '../../machines/tool-call.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import {
  baselineToolEvent,
  shownToolEvent,
  type ToolEvent,
  toolEventSchema,
  toolFactSchema,
} from '../../schema/tool-event.ts';
import { toolCallRecordSchema } from '../../schema/turn-record.ts';
import { noon } from '../arbitraries/instants.ts';
import { type RunnerDied, toolCallEvents, toolCallInput } from '../arbitraries/tool-call-events.ts';
import { type Effect, effectsOf, emissionsOf, everyStateOf, VisitedStates } from '../machine-steps.ts';

const guarded: ToolCallInput = { ...toolCallInput, needsApproval: true };
const anyInput = fc.constantFrom(toolCallInput, guarded, { ...guarded, approvalDeadline: noon + 1000 });

function run(
  events: readonly (ToolCallEvent | RunnerDied)[],
  input: ToolCallInput = toolCallInput,
  visited?: VisitedStates,
) {
  visited?.start(toolCallMachine, input);
  const [initial, actions] = initialTransition(toolCallMachine, input);
  const effects: Effect[] = effectsOf(actions);
  let last = initial;
  for (const event of events) {
    // A finished actor receives nothing more.
    if (last.status !== 'active') break;
    visited?.step(toolCallMachine, last, event);
    const [after, caused] = transition(toolCallMachine, last, event as ToolCallEvent);
    effects.push(...effectsOf(caused));
    last = after;
  }
  const told = emissionsOf(effects).flatMap((event) =>
    event.type === 'tool.call' || event.type === 'tool.result' ? [event] : [],
  );
  return { last, effects, told };
}

/** The event as clients see it. */
function shown({ data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>): ToolEvent {
  const whole = { arguments: record.argumentsJson, result: record.result };
  return shownToolEvent(data, whole, limits.previewUnitsMax);
}

describe('a tool call', () => {
  it('[TOOL2] says tool.call first, and tool.result once if anything ended it', () => {
    fc.assert(
      fc.property(toolCallEvents, anyInput, (events, input) => {
        const { last, told } = run(events, input);
        const results = told.filter(({ type }) => type === 'tool.result');
        expect(results).toHaveLength(last.status === 'done' ? 1 : 0);
        const [call] = told;
        expect(call).toMatchObject({
          type: 'tool.call',
          data: { status: input.needsApproval ? 'awaitingApproval' : 'running' },
        });
        expect(call?.record.result).toBeUndefined();
        if (last.status !== 'done') return;
        expect(told.at(-1)).toMatchObject({
          type: 'tool.result',
          data: { status: last.value === 'completed' ? 'completed' : 'failed' },
        });
      }),
      { numRuns: 400 },
    );
  });

  it('[APR1] runs its tool at once, or else after its approval and not before', () => {
    fc.assert(
      fc.property(toolCallEvents, anyInput, (events, input) => {
        const { last, effects, told } = run(events, input);
        const runs = effects.filter((effect) => effect.kind === 'spawn');
        const approved = last.context.approval?.decision === 'approved';
        expect(runs).toHaveLength(!input.needsApproval || approved ? 1 : 0);
        // After the approval every event carries it.
        const decided = told.findIndex(({ data }) => data.approval !== undefined);
        if (decided >= 0) for (const { data } of told.slice(decided)) expect(data.approval).toBeDefined();
      }),
      { numRuns: 400 },
    );
  });

  it('[APR8] is for the baseline one tool.call that runs, and its result', () => {
    fc.assert(
      fc.property(toolCallEvents, anyInput, (events, input) => {
        const { last, told } = run(events, input);
        const seen = told.flatMap((said) => {
          const event = baselineToolEvent(said.type, shown(said));
          return event === null ? [] : [{ type: said.type, event }];
        });
        expect(seen.map(({ type }) => type)).toEqual(
          last.status === 'done' ? ['tool.call', 'tool.result'] : ['tool.call'],
        );
        expect(seen[0]?.event.status).toBe('running');
        for (const { event } of seen) {
          expect(Object.keys(event)).toEqual([
            ...['sessionId', 'id', 'name', 'status', 'arguments', 'result', 'timestamp', 'agentId'],
          ]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[TOOL2] has the whole result in the record, and its times never step back', () => {
    fc.assert(
      fc.property(toolCallEvents, anyInput, (events, input) => {
        const { last, told } = run(events, input);
        let now = input.at;
        for (const event of told) {
          expect(toolFactSchema.parse(event.data)).toEqual(event.data);
          expect(toolEventSchema.parse(shown(event))).toEqual(shown(event));
          expect(toolCallRecordSchema.parse(event.record)).toEqual(event.record);
          expect(event.at).toBeGreaterThanOrEqual(now);
          now = event.at;
          expect(event.data.agentId).toBe('rehearsal');
        }
        if (last.status !== 'done') return;
        expect(last.output).toMatchObject({ id: input.id, failed: last.value !== 'completed' });
        expect(last.output?.ranMs).toBeGreaterThanOrEqual(0);
        expect(told.at(-1)).toMatchObject({ record: { result: last.output?.result } });
      }),
      { numRuns: 400 },
    );
  });

  it('[APR2] is failed by a denial, with the reason as its result', () => {
    const deny = (reason?: string): ToolCallEvent => ({
      type: 'toolCall.decide',
      at: noon,
      approval: { decision: 'denied', ...(reason === undefined ? {} : { reason }) },
    });
    expect(run([deny()], guarded).last.output).toMatchObject({ failed: true, result: 'Denied by a person' });
    const { told } = run([deny('not on a Sunday')], guarded);
    expect(told.at(-1)).toMatchObject({
      data: { status: 'failed', approval: { decision: 'denied', reason: 'not on a Sunday' } },
      record: { result: 'Denied by a person: not on a Sunday' },
    });
  });

  it('[APR4] waits for ever, or until the time that is set for it', () => {
    const timersOf = (input: ToolCallInput) =>
      run([], input).effects.flatMap((effect) => (effect.kind === 'timer' ? [effect.delay] : []));
    expect(timersOf(guarded)).toEqual([]);
    const limited = { ...guarded, approvalDeadline: noon + 1000 };
    expect(timersOf(limited)).toEqual([1000]);
    // After a restart the timer runs for the remaining time, if any.
    expect(timersOf({ ...limited, at: noon + 400 })).toEqual([600]);
    expect(timersOf({ ...limited, at: noon + 4000 })).toEqual([0]);
    expect(run([{ type: 'toolCall.expire' }], limited).last.output).toMatchObject({
      failed: true,
      result: 'Nobody approved the call in time',
      at: noon + 1000,
    });
  });

  it('[APR5] does not say again that it waits', () => {
    const { told, last } = run([], { ...guarded, announced: true });
    expect(last.value).toBe('awaitingApproval');
    expect(told).toEqual([]);
  });

  // Before the fix: a runner that threw killed the call's actor, so `tool.call` never got its `tool.result`.
  it('[TOOL3] ends as failed when its runner dies', () => {
    const event: RunnerDied = {
      type: 'xstate.error.actor.toolRunner',
      actorId: 'toolRunner',
      error: new Error('a bug'),
    };
    const { last, told } = run([event]);
    expect(last.value).toBe('failed');
    expect(told.at(-1)).toMatchObject({
      type: 'tool.result',
      data: { status: 'failed' },
      record: { result: 'a bug' },
    });
  });

  it('[TXT6] makes the error of a tool storable and bounds it', () => {
    const error = `\0\uD800${'long '.repeat(limits.failureReasonUnitsMax)}`;
    const { last } = run([{ type: 'tool.failed', at: noon, error }]);
    expect(last.output?.result.slice(0, 6)).toBe('\uFFFD\uFFFDlong');
    expect(last.output?.result).toHaveLength(limits.failureReasonUnitsMax + 1);
  });

  it('[TOOL6] says which of its previews are cut', () => {
    const long = 'x'.repeat(limits.previewUnitsMax + 1);
    const { told } = run([{ type: 'tool.completed', at: noon, result: long }]);
    expect(told[0] && shown(told[0]).cut).toBeUndefined();
    expect(told[1] && shown(told[1]).cut).toEqual(['result']);
    const both = run([{ type: 'tool.failed', at: noon, error: '' }], {
      ...toolCallInput,
      argumentsJson: long,
    });
    expect(both.told[1] && shown(both.told[1]).cut).toEqual(['arguments']);
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const events of fc.sample(toolCallEvents, { numRuns: 100, seed: 7 })) {
      run(events, toolCallInput, visited);
      run(events, guarded, visited);
      run(events, { ...guarded, isOutside: true }, visited);
    }
    expect(visited.paths).toEqual(everyStateOf(toolCallMachine));
  });
});
