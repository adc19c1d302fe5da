/** Plans of the events of a session: commands, and events from its turns; a plan becomes concrete in a given state. */
import fc from 'fast-check';
import type { SnapshotFrom } from 'xstate';
import type { chatSessionMachine } from '../../machines/chat-session.ts';
import type { QueueEntry, SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import { limits } from '../../schema/limits.ts';
import { turnOutcomes } from '../../schema/turn-record.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { anyInstant, noon } from './instants.ts';
import type { Places } from './session-commands.ts';
import {
  type CommandPlan,
  commandPlan,
  sessionCommand,
  startPlan,
  theSession,
  turnIdentity,
} from './session-commands.ts';

type Plan =
  | { readonly kind: 'command'; readonly command: CommandPlan; readonly times: number }
  | { readonly kind: 'added' | 'turnEnds' | 'interrupt' | 'park'; readonly at: number };

export type SessionPlan = Plan;

export const sessionPlans: fc.Arbitrary<SessionPlan[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('command' as const),
        command: fc.oneof({ weight: 20, arbitrary: commandPlan }, { weight: 1, arbitrary: startPlan }),
        times: fc.constant(1),
      }),
    },
    {
      // Enough messages to fill the queue.
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('command' as const),
        command: commandPlan,
        times: fc.integer({ min: 2, max: limits.turnsWaitingMax + 4 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('turnEnds' as const), at: anyInstant }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('added' as const), at: anyInstant }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('interrupt' as const, 'park' as const), at: anyInstant }),
    },
  ),
  { maxLength: 40, size: 'max' },
);

/** A new session, or one that wakes with turns to run. */
export const sessionInput: fc.Arbitrary<SessionInput> = fc.record({
  sessionId: fc.constant(theSession),
  agentId: fc.constant('rehearsal'),
  stored: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc
        .record({ status: fc.constantFrom('active' as const, 'archived' as const), turns: fc.nat(3) })
        .map(({ status, turns }) => ({
          session: {
            id: theSession,
            title: 'A title',
            status,
            createdAt: new Date(noon).toISOString(),
            updatedAt: new Date(noon).toISOString(),
          },
          queue: Array.from({ length: turns }, (_, index) => storedEntry(index)),
        })),
    },
  ),
  at: anyInstant,
  parked: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** The first had begun before; the question of each is in the tree. */
export function storedEntry(index: number): QueueEntry {
  const turn = { ...turnIdentity(0x1000 + index), traceCreatedAt: index === 0 ? noon : null };
  return { rank: index + 1, message: null, turn };
}

/** The plan's events in this state. `count` numbers the commands of a run. */
export function sessionEvents(
  planned: SessionPlan,
  count: number,
  { context }: SnapshotFrom<typeof chatSessionMachine>,
  places?: Places,
): SessionEvent[] {
  switch (planned.kind) {
    case 'command':
      return Array.from({ length: planned.times }, (_, nth) =>
        sessionCommand(planned.command, count + nth, places),
      );
    case 'added':
      // Only a running turn adds messages.
      if (context.running === null) return [];
      return [
        {
          type: 'message.added',
          at: planned.at,
          answerId: context.running.answerId,
          parentId: context.running.pushed?.parentId ?? context.running.promptId,
        },
      ];
    case 'interrupt':
      return [{ type: 'session.interrupt', at: planned.at, reason: 'The server stops' }];
    case 'park':
      return [{ type: 'session.park', at: planned.at }];
    case 'turnEnds': {
      if (context.running === null) return [];
      const { turnId } = context.running;
      const outcome = turnOutcomes[planned.at % 2 === 0 ? 0 : 1];
      return [
        {
          type: `xstate.done.actor.turn.${turnId}`,
          actorId: `turn.${turnId}`,
          output: { turnId, outcome, at: planned.at, decided: [] },
        },
      ];
    }
    default:
      return unreachable(planned);
  }
}
