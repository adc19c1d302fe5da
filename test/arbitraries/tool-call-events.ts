/** Events of a tool call, in any order. */
import fc from 'fast-check';
import type { ErrorActorEvent } from 'xstate';
import type { ToolCallEvent, ToolCallInput } from '../../machines/tool-call.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { idKinds, idOf } from './ids.ts';
import { anyInstant, noon } from './instants.ts';
import { anyText, pieceText } from './texts.ts';

/** XState's own event; the machine's event type does not include it. */
export type RunnerDied = ErrorActorEvent<unknown, 'toolRunner'>;

export const toolCallEvents: fc.Arbitrary<(ToolCallEvent | RunnerDied)[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('tool.completed' as const), at: anyInstant, result: pieceText }),
    fc.record({ type: fc.constant('tool.failed' as const), at: anyInstant, error: anyText }),
    fc.record({ type: fc.constant('toolCall.cancel' as const), at: anyInstant }),
    fc.record({
      type: fc.constant('tool.progress' as const),
      at: anyInstant,
      progress: fc.record({ message: anyText, done: fc.nat() }),
    }),
    fc.record({
      type: fc.constant('toolCall.decide' as const),
      at: anyInstant,
      approval: fc.record({ decision: fc.constantFrom('approved', 'denied'), reason: anyText }),
    }),
    fc.record({ type: fc.constant('toolCall.expire' as const) }),
    fc.record({
      type: fc.constant('xstate.error.actor.toolRunner' as const),
      actorId: fc.constant('toolRunner' as const),
      error: fc.oneof(
        anyText,
        anyText.map((text) => new Error(text)),
      ),
    }),
  ),
  { maxLength: 6 },
);

export const toolCallInput: ToolCallInput = {
  sessionId: idOf<SessionId>(idKinds.session, 1),
  turnId: idOf<TurnId>(idKinds.turn, 1),
  traceId: idOf<TraceId>(idKinds.trace, 1),
  answerId: idOf<MessageId>(idKinds.answer, 1),
  id: idOf<ToolCallId>(idKinds.call, 1),
  modelCallId: 'call_1',
  name: 'clock',
  argumentsJson: '{"timeZone":"UTC"}',
  agentId: ' rehearsal ',
  at: noon,
  step: 1,
  needsApproval: false,
  approvalDeadline: null,
  announced: false,
};
