/** What makes a tool call say the next event of the journal: its tool, or the person who decides about it. */
import { interruptionReason } from '../../machines/interruption.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';
import { type CommandId, commandIdSchema } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { toolDecisionSchema } from '../../schema/tool-decision.ts';
import type { LookAhead } from './replay-look-ahead.ts';
import { isCallIn } from './replay-model-call.ts';
import type { ReplayMove } from './replay-move.ts';
import type { ReplayInput, ReplaySandbox } from './replay-sandbox.ts';

export function toolMove(
  sandbox: ReplaySandbox,
  ahead: LookAhead,
  event: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>,
): ReplayMove | null {
  const actor = sandbox.find(`toolCall.${event.data.id}`);
  if (actor === undefined) return null;
  const toCall = (input: ReplayInput['event']) => one({ to: actor.id, event: input });
  const { at, data, record } = event;
  if (isCallIn(actor, 'awaitingApproval')) {
    if (data.approval !== undefined) return one({ to: sandbox.root.id, event: decision(event, ahead) });
    return data.status === 'failed' ? toCall({ type: 'toolCall.expire', at }) : null;
  }
  const result = record.result ?? '';
  switch (data.status) {
    case 'completed':
      return toCall({ type: 'tool.completed', at, result });
    case 'failed': {
      const closed = ahead.run('tool.result', 0, ({ record: each }) => each.result === interruptionReason);
      const next = ahead.at(closed.length);
      const isNoticed = next?.type === 'agent.activity' && next.data.state === 'tool-error';
      // Of those that a process leaves open its next start says that they were; their turn goes on behind them.
      if (closed.length > 0 && !isNoticed) return { kind: 'closed', count: closed.length };
      return toCall({ type: 'tool.failed', at, error: result });
    }
    default:
      return data.progress === undefined
        ? null
        : toCall({ type: 'tool.progress', at, progress: data.progress });
  }
}

/** A decision that was taken before, and is answered once more; `null`: this answers something else. */
export function repeatedDecision(event: DomainEventOf<'command.completed'>): SessionCommand | null {
  const { at, commandId = unnamed, data } = event;
  const told = toolDecisionSchema.safeParse(data.result).data;
  if (told === undefined) return null;
  const { sessionId, callId, decision: taken, reason } = told;
  const approval = { decision: taken, ...(reason === undefined ? {} : { reason }) };
  return {
    type: taken === 'approved' ? 'tool.approve' : 'tool.deny',
    at,
    commandId,
    idempotency: { key: data.key, fingerprint: data.fingerprint },
    sessionId,
    callId,
    reason,
    stored: { id: callId, awaits: false, approval },
  };
}

function decision(
  event: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>,
  ahead: LookAhead,
): SessionCommand {
  const { data, at } = event;
  // Its answer is right behind what it leads to.
  const answer = [1, 2].map((behind) => ahead.at(behind)).find((next) => answers(next, data.id));
  const commandId: CommandId = answer?.commandId ?? unnamed;
  const named = answer?.type === 'command.completed' ? answer.data : undefined;
  const cameAt: Milliseconds = answer?.at ?? at;
  return {
    type: data.approval?.decision === 'denied' ? 'tool.deny' : 'tool.approve',
    at: cameAt,
    commandId,
    ...(named === undefined ? {} : { idempotency: { key: named.key, fingerprint: named.fingerprint } }),
    sessionId: data.sessionId,
    callId: data.id,
    reason: data.approval?.reason,
    stored: null,
  };
}

function answers(event: DomainEvent | undefined, callId: string): boolean {
  return (
    event?.type === 'command.completed' &&
    toolDecisionSchema.safeParse(event.data.result).data?.callId === callId
  );
}

/** Stands for the id of a command that left none. */
const unnamed = commandIdSchema.parse('00000000-0000-0000-0000-000000000000');

function one(input: ReplayInput): ReplayMove {
  return { kind: 'inputs', inputs: [input], note: null };
}
