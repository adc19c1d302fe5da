/**
 * Tool call machine. Goal: `tool.call`, then one and only one `tool.result` (I5). Method: generated events through
 * the pure `transition()`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type ToolCallEvent, toolCallMachine } from '../../machines/tool-call.ts';
import { limits } from '../../schema/limits.ts';
import type { Emission } from '../../schema/stream-event.ts';
import { toolEventSchema } from '../../schema/tool-event.ts';
import { toolCallRecordSchema } from '../../schema/turn-record.ts';
import { noon } from '../arbitraries/instants.ts';
import { type RunnerDied, toolCallEvents, toolCallInput } from '../arbitraries/tool-call-events.ts';
import { effectsOf, emissionsOf, everyStateOf, VisitedStates } from './steps.ts';

function run(events: readonly (ToolCallEvent | RunnerDied)[], visited?: VisitedStates) {
  visited?.start(toolCallMachine, toolCallInput);
  const [initial, actions] = initialTransition(toolCallMachine, toolCallInput);
  const emissions: Emission[] = emissionsOf(effectsOf(actions));
  let last = initial;
  for (const event of events) {
    // As an actor that is done, which hears nothing more.
    if (last.status !== 'active') break;
    visited?.step(toolCallMachine, last, event);
    const [after, caused] = transition(toolCallMachine, last, event as ToolCallEvent);
    emissions.push(...emissionsOf(effectsOf(caused)));
    last = after;
  }
  return { last, emissions };
}

describe('a tool call', () => {
  it('[TOOL2] says tool.call first, and tool.result once if anything ended it', () => {
    fc.assert(
      fc.property(toolCallEvents, (events) => {
        const { last, emissions } = run(events);
        expect(last.status).toBe(events.length > 0 ? 'done' : 'active');
        expect(emissions.map(({ type }) => type)).toEqual(
          events.length > 0 ? ['tool.call', 'tool.result'] : ['tool.call'],
        );
        const [call, result] = emissions;
        expect(call).toMatchObject({ data: { status: 'running', result: null } });
        if (result !== undefined)
          expect(result).toMatchObject({
            data: { status: last.value === 'completed' ? 'completed' : 'failed' },
          });
      }),
      { numRuns: 400 },
    );
  });

  it('[TOOL2] ends as its first end says, with the whole result in the record, at a time not before its start', () => {
    fc.assert(
      fc.property(toolCallEvents, (events) => {
        const { last, emissions } = run(events);
        for (const event of emissions) {
          if (event.type !== 'tool.call' && event.type !== 'tool.result') continue;
          expect(toolEventSchema.parse(event.data)).toEqual(event.data);
          expect(toolCallRecordSchema.parse(event.record)).toEqual(event.record);
          expect(event.at).toBeGreaterThanOrEqual(toolCallInput.at);
          expect(event.data.agentId).toBe('rehearsal');
        }
        const [first] = events;
        if (first === undefined) return;
        const failed = first.type !== 'tool.completed';
        expect(last.output).toMatchObject({ id: toolCallInput.id, failed });
        if (first.type === 'tool.completed') expect(last.output?.result).toBe(first.result);
        expect(emissions.at(-1)).toMatchObject({ record: { result: last.output?.result } });
      }),
      { numRuns: 400 },
    );
  });

  // A runner that threw killed the call's actor: `tool.call` was left without its `tool.result`, for ever.
  it('[TOOL3] ends as failed when its runner dies', () => {
    const event: RunnerDied = {
      type: 'xstate.error.actor.toolRunner',
      actorId: 'toolRunner',
      error: new Error('a bug'),
    };
    const { last, emissions } = run([event]);
    expect(last.value).toBe('failed');
    expect(emissions.at(-1)).toMatchObject({
      type: 'tool.result',
      data: { status: 'failed', result: 'a bug' },
    });
  });

  it('[TXT6] makes the error of a tool storable and bounds it', () => {
    const error = `\0\uD800${'long '.repeat(limits.failureReasonUnitsMax)}`;
    const { last } = run([{ type: 'tool.failed', at: noon, error }]);
    expect(last.output?.result.slice(0, 6)).toBe('\uFFFD\uFFFDlong');
    expect(last.output?.result).toHaveLength(limits.failureReasonUnitsMax + 1);
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const events of fc.sample(toolCallEvents, { numRuns: 100, seed: 7 })) run(events, visited);
    expect(visited.paths).toEqual(everyStateOf(toolCallMachine));
  });
});
