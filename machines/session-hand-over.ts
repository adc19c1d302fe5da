/**
 * The decision to give a session to another principal. Whoever had it hears its `session.updated` last, whoever gets it hears
 * that first; `session.handed-over` is for operators. Pure.
 */
import type { SessionCommand } from '../schema/commands.ts';
import { type SessionContext, touched } from './chat-session-context.ts';
import { acceptance } from './command-answer.ts';
import { createdSession, type SessionDecision, sessionChanged } from './session-decision.ts';

export function decideHandOver(
  context: SessionContext,
  command: Extract<SessionCommand, { type: 'session.hand-over' }>,
): SessionDecision {
  const { at, commandId, from, to, tenant, by } = command;
  const { sessionId } = context;
  const session = touched(createdSession(context), at);
  const changed = { ...sessionChanged(session, at, commandId), record: { owner: to, tenant } };
  const data = { sessionId, from, to, tenant, by };
  return {
    changes: { session, now: Math.max(context.now, at) },
    says: [changed, { type: 'session.handed-over', sessionId, at, commandId, data }],
    answers: acceptance(sessionId, command, session),
  };
}
