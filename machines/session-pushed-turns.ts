/** The decision about an agent that begins to push an answer from outside. Pure. */
import type { SessionCommand } from '../schema/commands.ts';
import { refusal } from '../schema/refusal.ts';
import type { SessionContext, WaitingTurn } from './chat-session-context.ts';
import { acceptance } from './command-answer.ts';
import { createdSession, refusing, type SessionDecision, senderOf } from './session-decision.ts';
import { lastRank, turnQueued } from './session-queue.ts';

type StartTurn = Extract<SessionCommand, { type: 'turn.start' }>;

/** The answer stands below the current leaf. It answers nothing: what was asked there has its answer, or gets none. */
export function decideStart(context: SessionContext, command: StartTurn): SessionDecision {
  const { at, commandId, agent, leaseMs, author } = command;
  if (context.running !== null || context.queue.length > 0) {
    return refusing(context, command, refusal('conflict', 'Another turn of the session runs or waits'));
  }
  const identity = { ...command.turn, promptId: command.turn.answerId };
  const parentId = createdSession(context).leafId ?? null;
  const turn: WaitingTurn = {
    ...identity,
    ...senderOf(command),
    traceCreatedAt: null,
    pushed: { agent, leaseMs, parentId, ...(author === undefined ? {} : { author }) },
  };
  const rank = lastRank(context.queue);
  return {
    changes: { queue: [{ rank, message: null, turn }], now: Math.max(context.now, at) },
    says: [turnQueued(turn, rank, at, commandId)],
    answers: acceptance(context.sessionId, command, identity),
  };
}
