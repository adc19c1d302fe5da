/** What a person decided about a tool call, and what a command to decide about one is answered. Pure. */
import type { SessionCommand } from '../schema/commands.ts';
import type { ToolCallId } from '../schema/ids.ts';
import { type Outcome, refusal, refused, toolCallNotFound } from '../schema/refusal.ts';
import type { CallApproval, ToolDecision } from '../schema/tool-decision.ts';

export type DecisionCommand = Extract<SessionCommand, { type: 'tool.approve' | 'tool.deny' }>;

/** What is known of the call that a command is about. */
export type DecidableCall = {
  readonly id: ToolCallId;
  readonly awaits: boolean;
  readonly approval: CallApproval | null;
};

/** The decision that the command asks for. */
export function decisionOf(command: DecisionCommand): CallApproval {
  const { reason } = command;
  return {
    decision: command.type === 'tool.approve' ? 'approved' : 'denied',
    ...(reason === undefined || reason === '' ? {} : { reason }),
  };
}

export function toolDecision(command: DecisionCommand, approval: CallApproval): ToolDecision {
  return { sessionId: command.sessionId, callId: command.callId, ...approval };
}

/**
 * `new`: the decision is to be taken. Otherwise the answer: the same decision again is accepted as it was taken the
 * first time, so that repeating it is harmless.
 */
export function judgedDecision(
  command: DecisionCommand,
  call: DecidableCall | undefined,
): 'new' | Outcome<ToolDecision> {
  const { callId } = command;
  if (call === undefined) return refused(toolCallNotFound(callId));
  const { approval } = call;
  if (approval?.decision === decisionOf(command).decision) {
    return { ok: true, value: toolDecision(command, approval) };
  }
  if (approval !== null) {
    return refused(refusal('conflict', `Tool call ${callId} was ${approval.decision} before`));
  }
  if (call.awaits) return 'new';
  return refused(refusal('conflict', `Tool call ${callId} does not wait for a decision`));
}
