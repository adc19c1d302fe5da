/** Decisions of people about tool calls, and the answers to the commands that make them. Pure. */
import type { DecisionCommand } from '../schema/command-table.ts';
import type { ToolCallId } from '../schema/ids.ts';
import { type Outcome, refusal, refused, toolCallNotFound } from '../schema/refusal.ts';
import type { CallApproval, ToolDecision } from '../schema/tool-decision.ts';

/** The known state of the call that a command is about. */
export type DecidableCall = {
  readonly id: ToolCallId;
  readonly awaits: boolean;
  readonly approval: CallApproval | null;
};

/** The decision that the command makes. */
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
 * `new`: the call waits, so the decision applies. Otherwise the answer: the same decision again gets the answer of
 * the first time, so that repeating it is harmless.
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
