/**
 * Chat session: the root of its own actor system. It decides every command to one session and runs its turns one
 * at a time, in order (docs/protocol.md B6; I1, I7, I10).
 *
 * Goal: whatever events arrive in whatever order, each command gets exactly one reply, `session.created` comes first
 * and nothing follows `session.deleted`. Method: the lifecycle (unborn, open, deleting, deleted) is the top level;
 * inside `open`, the status that users see, whether messages are taken, and the activity of the agent are parallel
 * regions.
 */
import type { ClosableType } from '../schema/command-table.ts';
import type { SessionCommandType } from '../schema/commands.ts';
import { sessionChart } from './chat-session-actions.ts';
import { initialSession } from './chat-session-context.ts';

/** Every command gets a reply, also where there is no session: the compiler demands a row for each. */
const whileNobodyKnowsIt = {
  'session.create': { actions: 'refuseDuplicate' },
  'session.update': { actions: 'refuseUnknown' },
  'session.archive': { actions: 'refuseUnknown' },
  'session.unarchive': { actions: 'refuseUnknown' },
  'session.hand-over': { actions: 'refuseUnknown' },
  'session.close': { actions: 'refuseUnknown' },
  'session.reopen': { actions: 'refuseUnknown' },
  'session.delete': { actions: 'refuseUnknown' },
  'session.fork': { actions: 'refuseDuplicate' },
  'session.import': { actions: 'refuseDuplicate' },
  'participant.add': { actions: 'refuseUnknown' },
  'participant.update': { actions: 'refuseUnknown' },
  'participant.remove': { actions: 'refuseUnknown' },
  'message.add': { actions: 'refuseUnknown' },
  'message.regenerate': { actions: 'refuseUnknown' },
  'message.edit': { actions: 'refuseUnknown' },
  'message.delete': { actions: 'refuseUnknown' },
  'message.send-now': { actions: 'refuseUnknown' },
  'message.steer': { actions: 'refuseUnknown' },
  'branch.select': { actions: 'refuseUnknown' },
  'turn.start': { actions: 'refuseUnknown' },
  'turn.claim': { actions: 'refuseUnknown' },
  'turn.cancel': { actions: 'refuseUnknown' },
  'tool.approve': { actions: 'refuseUnknown' },
  'tool.deny': { actions: 'refuseUnknown' },
} as const satisfies { readonly [Type in SessionCommandType]: object };

/** What adds to the conversation or starts a turn, while the session takes messages. */
const whileTaking = {
  'message.add': { actions: 'addMessage' },
  'message.regenerate': { actions: 'regenerate' },
  'message.edit': { actions: 'editMessage' },
  'turn.start': { actions: 'beginPushedTurn' },
} as const satisfies { readonly [Type in ClosableType]: object };

/** The same, while it is closed. */
const whileClosed = {
  'message.add': { actions: 'refuseClosed' },
  'message.regenerate': { actions: 'refuseClosed' },
  'message.edit': { actions: 'refuseClosed' },
  'turn.start': { actions: 'refuseClosed' },
} as const satisfies { readonly [Type in ClosableType]: object };

/** What a session that exists does with each other command. */
const whileOpen = {
  'session.create': { actions: 'refuseDuplicate' },
  'session.update': { actions: 'update' },
  'session.archive': { actions: 'archive' },
  'session.unarchive': { actions: 'unarchive' },
  'session.hand-over': { actions: 'handOver' },
  'session.close': { actions: 'close' },
  'session.reopen': { actions: 'reopen' },
  'session.fork': { actions: 'refuseDuplicate' },
  'session.import': { actions: 'refuseDuplicate' },
  'participant.add': { actions: 'changeParticipants' },
  'participant.update': { actions: 'changeParticipants' },
  'participant.remove': { actions: 'changeParticipants' },
  'message.delete': { actions: 'deleteMessage' },
  'message.send-now': { actions: 'goFirst' },
  'message.steer': { actions: 'goFirst' },
  'branch.select': { actions: 'selectBranch' },
  'turn.claim': { actions: 'passClaim' },
  'turn.cancel': { actions: 'cancelTurns' },
  'tool.approve': [{ guard: 'isResponding', actions: 'forwardDecision' }, { actions: 'answerDecision' }],
  'tool.deny': [{ guard: 'isResponding', actions: 'forwardDecision' }, { actions: 'answerDecision' }],
  'session.delete': [
    { guard: 'isResponding', target: 'deleting', actions: ['noteDeletion', 'dropWaiting', 'cancelTurn'] },
    { target: 'deleted', actions: ['noteDeletion', 'dropWaiting'] },
  ],
} as const satisfies { readonly [Type in Exclude<SessionCommandType, ClosableType>]: object };

export const chatSessionMachine = sessionChart.createMachine({
  id: 'chatSession',
  context: ({ input }) => initialSession(input),
  initial: 'waking',
  states: {
    waking: {
      always: [{ guard: 'isStored', target: 'open', actions: 'wakeUp' }, { target: 'unborn' }],
    },
    unborn: {
      on: {
        ...whileNobodyKnowsIt,
        'session.create': { target: 'open', actions: 'create' },
        'session.fork': { target: 'open', actions: 'createWithConversation' },
        'session.import': { target: 'open', actions: 'createWithConversation' },
      },
    },
    open: {
      type: 'parallel',
      states: {
        status: {
          initial: 'active',
          states: {
            active: { always: { guard: 'isArchived', target: 'archived' } },
            archived: { always: { guard: 'isActive', target: 'active' } },
          },
        },
        intake: {
          initial: 'taking',
          states: {
            taking: { always: { guard: 'isClosed', target: 'closed' }, on: whileTaking },
            closed: { always: { guard: 'isOpen', target: 'taking' }, on: whileClosed },
          },
        },
        activity: {
          initial: 'idle',
          states: {
            idle: {
              always: [
                { guard: 'mayPlaceFirst', actions: 'placeFirst' },
                { guard: 'mayStartTurn', target: 'responding' },
              ],
            },
            responding: {
              entry: 'startTurn',
              on: { 'xstate.done.actor.turn.*': { target: 'idle', actions: ['startTitle', 'endTurn'] } },
            },
          },
        },
      },
      on: {
        ...whileOpen,
        'session.woke': { actions: 'noteAwake' },
        'message.added': { actions: 'touch' },
        'title.made': { actions: 'endTitle' },
        'title.failed': { actions: 'endTitle' },
      },
    },
    deleting: {
      on: {
        'xstate.done.actor.turn.*': { target: 'deleted', actions: 'endTurn' },
        ...whileNobodyKnowsIt,
        'session.create': { actions: 'refuseDuplicate' },
      },
    },
    deleted: { type: 'final', entry: 'delete' },
  },
  on: {
    'session.park': { actions: 'park' },
    'session.interrupt': { actions: 'interruptTurn' },
  },
});
