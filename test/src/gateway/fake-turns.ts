/** What the gateway's tests see of turns that agents push: one turn, which takes everything. */
import type { CommandDoor } from '../../../actors/door/command-door.ts';
import {
  messageIdSchema,
  type SessionId,
  sessionIdSchema,
  type TurnId,
  traceIdSchema,
  turnIdSchema,
} from '../../../schema/ids.ts';
import type { ClaimedTurn, StartedTurn, TurnProgress } from '../../../schema/pushed-turn.ts';
import { accepted, type Outcome, refused, turnNotFound } from '../../../schema/refusal.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';

export const theTurn = turnIdSchema.parse(exampleIds.turn);
const sessionId = sessionIdSchema.parse(exampleIds.session);
const answerId = messageIdSchema.parse(exampleIds.answer);

export function startedTurn(sessionId: SessionId): StartedTurn {
  const ids = { turnId: theTurn, sessionId, promptId: answerId, answerId };
  const lease = { lease: 'a lease', leaseMs: 1000, received: 0, durable: 0 };
  return { ...ids, traceId: traceIdSchema.parse(exampleIds.trace), agent: 'weather', ...lease };
}

export function claimedTurn(turnId: TurnId): Outcome<ClaimedTurn> {
  if (turnId !== theTurn) return refused(turnNotFound(turnId));
  const context = [{ role: 'user' as const, content: 'Hello' }];
  return accepted({ ...startedTurn(sessionId), options: { engine: 'external' }, context });
}

export function fakeTurns(calls: (readonly [name: string, ...given: unknown[]])[]): CommandDoor['turns'] {
  const progress: TurnProgress = { turnId: theTurn, status: 'running', received: 1, durable: 0 };
  const told = async (...call: [name: string, ...given: unknown[]]) => {
    calls.push(call);
    return call[1] === theTurn ? accepted(progress) : refused(turnNotFound(String(call[1])));
  };
  return {
    push: (turn, lease, parts) => told('push', turn, lease, parts),
    openStream: async (turn, lease) => {
      const known = await told('openStream', turn, lease);
      if (!known.ok) return known;
      return accepted({
        push: (parts) => told('streamed', turn, parts),
        progress: () => progress,
        closedBecause: () => null,
        onClosed: () => () => {},
      });
    },
    finish: (turn, end) => told('finish', turn, end),
    fail: (turn, end) => told('fail', turn, end),
    state: async (turn) => refused(turnNotFound(turn)),
    list: async (...query) => {
      calls.push(['list', ...query]);
      return [];
    },
    shown: () => {
      throw new Error('there are no turns');
    },
  };
}
