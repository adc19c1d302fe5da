/**
 * Interruption (I11). Goal: from the rows of a turn alone, everything that was open is closed once, and everything
 * that had ended stays as it is. Method: generated rows.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InterruptedTurn, interruptionEvents } from '../../machines/interruption.ts';
import { emittedSchema } from '../../schema/event-catalogue.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import { runEndReasons } from '../../schema/run-end-reasons.ts';
import { isoTimestamp, millisecondsOf } from '../../schema/timestamp.ts';
import { traceStatuses } from '../../schema/trace.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { anyInstant, noon } from '../arbitraries/instants.ts';
import { theSession, turnIdentity } from '../arbitraries/session-commands.ts';
import { pieceText } from '../arbitraries/texts.ts';

const turn = turnIdentity(1);

const rows: fc.Arbitrary<InterruptedTurn> = fc.record({
  turn: fc.constant(turn),
  answer: fc.option(
    fc.record({
      id: fc.constant(turn.answerId),
      sessionId: fc.constant(theSession),
      role: fc.constant('assistant' as const),
      content: pieceText,
      createdAt: anyInstant.map(isoTimestamp),
    }),
    { nil: undefined },
  ),
  trace: fc.option(
    fc.record({
      id: fc.constant(turn.traceId),
      sessionId: fc.constant(theSession),
      name: fc.constant('engine.run'),
      status: fc.constantFrom(...traceStatuses),
      metadata: fc.constant({ messageId: turn.promptId as string }),
      createdAt: anyInstant.map(isoTimestamp),
      updatedAt: anyInstant.map(isoTimestamp),
    }),
    { nil: undefined },
  ),
  openCalls: fc.nat(4).map((count) =>
    Array.from({ length: count }, (_, index) => ({
      id: idOf<ToolCallId>(idKinds.call, index),
      turnId: turn.turnId,
      modelCallId: `call_${index}`,
      name: 'clock',
      argumentsJson: '{}',
      agentId: null,
      startedAt: 5,
      step: 1,
      needsApproval: index % 2 === 0,
      approvalDeadline: null,
      approval: null,
    })),
  ),
});

describe('an interrupted turn', () => {
  it('[REC1] [REC3] [PART4] is closed from its rows: failed calls, the text kept, a failed trace, idle, turn.ended last', () => {
    fc.assert(
      fc.property(rows, anyInstant, (given, at) => {
        const said = interruptionEvents(given, at);
        const open = given.trace !== undefined && !['completed', 'failed'].includes(given.trace.status);
        expect(said.map(({ type }) => type)).toEqual([
          ...given.openCalls.flatMap(() => ['tool.result', 'trace.span.appended']),
          ...(given.answer === undefined ? [] : ['message.updated']),
          ...(open ? ['trace.span.appended', 'trace.updated'] : []),
          'agent.activity',
          'turn.ended',
        ]);
        for (const event of said) {
          expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
          switch (event.type) {
            case 'tool.result':
              expect(event).toMatchObject({
                data: { status: 'failed' },
                record: { result: runEndReasons.serverStopped },
              });
              break;
            case 'message.updated':
              expect(event.data).toEqual({ ...given.answer, status: 'interrupted' });
              break;
            case 'trace.updated':
              expect(event.data).toMatchObject({
                status: 'failed',
                metadata: { messageId: turn.promptId, error: runEndReasons.serverStopped },
              });
              expect(event.data.durationMs).toBeGreaterThanOrEqual(0);
              expect(millisecondsOf(event.data.updatedAt)).toBeGreaterThanOrEqual(at);
              break;
            case 'trace.span.appended':
              expect(event.data).toMatchObject({ traceId: turn.traceId, status: 'error' });
              expect(millisecondsOf(event.data.startedAt)).toBeLessThanOrEqual(
                millisecondsOf(event.data.endedAt),
              );
              break;
            case 'agent.activity':
              expect(event.data.state).toBe('idle');
              break;
            default:
              expect(event.data).toMatchObject({ outcome: 'interrupted', turnId: turn.turnId });
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[REC1] [TRC2] says how long a run took, with or without a session of its own', () => {
    const trace = {
      id: turn.traceId,
      name: 'engine.run',
      status: 'running' as const,
      createdAt: isoTimestamp(noon),
      updatedAt: isoTimestamp(noon + 10),
    };
    const about = { turn, answer: undefined, openCalls: [] };
    const failed = (given: InterruptedTurn['trace'], at: number) =>
      interruptionEvents({ ...about, trace: given }, at).find(({ type }) => type === 'trace.updated');
    const data = {
      ...trace,
      status: 'failed',
      metadata: { error: 'Interrupted: the server stopped before the answer was complete' },
    };
    expect(failed(trace, noon + 250)).toStrictEqual({
      type: 'trace.updated',
      sessionId: null,
      at: noon + 250,
      data: { ...data, durationMs: 250, updatedAt: isoTimestamp(noon + 250) },
    });
    expect(interruptionEvents({ ...about, trace: undefined }, noon).map(({ type }) => type)).toEqual([
      'agent.activity',
      'turn.ended',
    ]);
    expect(failed({ ...trace, sessionId: theSession }, noon + 5)).toEqual({
      type: 'trace.updated',
      sessionId: theSession,
      at: noon + 5,
      data: { ...data, sessionId: theSession, durationMs: 10 },
    });
  });
});
